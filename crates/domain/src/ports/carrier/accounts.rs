//! Accounts at the carrier.

use async_trait::async_trait;

use crate::carrier::{CarrierAccess, CarrierAccount, CarrierError};

/// Reads accounts at the carrier. Laws: `switchboard_contract::carrier::accounts`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait AccountCarrier: Send + Sync {
    /// Returns the account. MUST return `Unauthorized` unless the token belongs to the account
    /// itself, or to the owner of a Connect app that the account has authorized, even if other
    /// credentials give access, because this method is used to verify tokens.
    async fn fetch(&self, access: &CarrierAccess) -> Result<CarrierAccount, CarrierError>;

    /// Lists the account and all accounts that it owns, including suspended and closed ones,
    /// ordered by SID. MUST accept only the account's own token.
    async fn list(&self, access: &CarrierAccess) -> Result<Vec<CarrierAccount>, CarrierError>;
}
