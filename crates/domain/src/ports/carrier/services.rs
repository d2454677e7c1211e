//! Messaging Services and their pools at the carrier.

use async_trait::async_trait;

use crate::carrier::{CarrierAccess, CarrierError, InboundWebhook, MessagingService};
use crate::sid::{NumberSid, ServiceSid};

/// Reads and configures Messaging Services at the carrier. Laws:
/// `switchboard_contract::carrier::services`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ServiceCarrier: Send + Sync {
    /// Lists the account's services, ordered by SID.
    async fn list(&self, access: &CarrierAccess) -> Result<Vec<MessagingService>, CarrierError>;

    /// Lists the numbers, short codes, and WhatsApp and RCS senders in a service's sender pool, ordered
    /// by SID. MUST return `NotFound` if the account has no such service.
    async fn pool(
        &self,
        access: &CarrierAccess,
        service: ServiceSid,
    ) -> Result<Vec<NumberSid>, CarrierError>;

    /// Sets the webhook that inbound messages use. MUST return `NotFound` if the account has no such
    /// service.
    async fn set_inbound_webhook(
        &self,
        access: &CarrierAccess,
        service: ServiceSid,
        webhook: InboundWebhook,
    ) -> Result<(), CarrierError>;
}
