//! TwiML applications at the carrier.

use async_trait::async_trait;

use crate::carrier::{CarrierAccess, CarrierApplication, CarrierError};

/// Lists TwiML applications at the carrier. Laws: `switchboard_contract::carrier::applications`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ApplicationCarrier: Send + Sync {
    /// Lists the applications of the account. They MUST be ordered by SID, and complete.
    async fn list(&self, access: &CarrierAccess) -> Result<Vec<CarrierApplication>, CarrierError>;
}
