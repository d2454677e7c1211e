use async_trait::async_trait;

use crate::carrier::{CarrierAccess, CarrierAccount, CarrierError};

/// Accounts at the carrier. Laws: `switchboard_contract::carrier::accounts`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait AccountCarrier: Send + Sync {
    /// The account itself. MUST return `Unauthorized` if the credentials are not the account's.
    async fn fetch(&self, access: &CarrierAccess) -> Result<CarrierAccount, CarrierError>;

    /// The account and all accounts that it owns, suspended and closed ones too, in the order of their SIDs.
    async fn list(&self, access: &CarrierAccess) -> Result<Vec<CarrierAccount>, CarrierError>;
}
