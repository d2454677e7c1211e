use async_trait::async_trait;

use crate::carrier::{CarrierAccess, CarrierApplication, CarrierError};

/// TwiML applications at the carrier. Laws: `switchboard_contract::carrier::applications`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ApplicationCarrier: Send + Sync {
    /// The applications of the account, in the order of their SIDs.
    async fn list(&self, access: &CarrierAccess) -> Result<Vec<CarrierApplication>, CarrierError>;
}
