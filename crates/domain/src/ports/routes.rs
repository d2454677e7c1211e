use async_trait::async_trait;

use super::StoreError;
use crate::phone_number::PhoneNumber;
use crate::routing::Route;

/// Finds the route of a number, in one query. Laws: `switchboard_contract::routes`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait RouteStore: Send + Sync {
    /// Returns the number with its account and the profile of its agent, whichever organization
    /// owns it. The caller MUST compare the account with the one that signed the request.
    async fn route(&self, phone_number: PhoneNumber) -> Result<Option<Route>, StoreError>;
}
