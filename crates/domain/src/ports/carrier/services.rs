use async_trait::async_trait;

use crate::carrier::{CarrierAccess, CarrierError, MessagingService};
use crate::sid::{NumberSid, ServiceSid};

/// Messaging Services at the carrier. Laws: `switchboard_contract::carrier::services`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ServiceCarrier: Send + Sync {
    /// The account's services, in the order of their SIDs.
    async fn list(&self, access: &CarrierAccess) -> Result<Vec<MessagingService>, CarrierError>;

    /// The numbers in a service's pool, in the order of their SIDs. MUST return `NotFound` if the account has no
    /// such service.
    async fn pool(
        &self,
        access: &CarrierAccess,
        service: ServiceSid,
    ) -> Result<Vec<NumberSid>, CarrierError>;

    /// Says whether the service leaves messages to the number that they came to. MUST return `NotFound` if the
    /// account has no such service.
    async fn defer(
        &self,
        access: &CarrierAccess,
        service: ServiceSid,
        defers_to_number: bool,
    ) -> Result<(), CarrierError>;
}
