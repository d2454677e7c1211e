use async_trait::async_trait;

use crate::carrier::{CarrierAccess, CarrierError, MessagingService};
use crate::sid::{NumberSid, ServiceSid};

/// Reads and configures Messaging Services at the carrier. Laws:
/// `switchboard_contract::carrier::services`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ServiceCarrier: Send + Sync {
    /// Lists the account's services, ordered by SID.
    async fn list(&self, access: &CarrierAccess) -> Result<Vec<MessagingService>, CarrierError>;

    /// Lists the numbers in a service's sender pool, ordered by SID. MUST return `NotFound` if the
    /// account has no such service.
    async fn pool(
        &self,
        access: &CarrierAccess,
        service: ServiceSid,
    ) -> Result<Vec<NumberSid>, CarrierError>;

    /// Sets whether inbound messages use the webhook of the number instead of the webhook of the
    /// service. MUST return `NotFound` if the account has no such service.
    async fn defer(
        &self,
        access: &CarrierAccess,
        service: ServiceSid,
        defers_to_number: bool,
    ) -> Result<(), CarrierError>;
}
