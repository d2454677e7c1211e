use async_trait::async_trait;

use crate::carrier::{CarrierAccess, CarrierAccount, CarrierError};

/// Accounts at the carrier. Laws: `switchboard_contract::carrier::accounts`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait AccountCarrier: Send + Sync {
    /// The account itself. MUST return `Unauthorized` unless the token is the account's own, whatever else would
    /// open it: this is how a token is tried.
    async fn fetch(&self, access: &CarrierAccess) -> Result<CarrierAccount, CarrierError>;

    /// The account and all accounts that it owns, suspended and closed ones too, in the order of their SIDs. Only
    /// the account's own token counts.
    async fn list(&self, access: &CarrierAccess) -> Result<Vec<CarrierAccount>, CarrierError>;
}
