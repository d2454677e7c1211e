//! The route of a number: its account, agent and plan in one query.

use async_trait::async_trait;

use super::StoreError;
use crate::routing::Route;
use crate::sender::Sender;

/// Finds the route of a number or another sender, in one query. Laws: `switchboard_contract::routes`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait RouteStore: Send + Sync {
    /// Returns the sender with its account and the profile of its agent, whichever organization
    /// owns it. MUST return its [fallback](Sender::fallback) if the sender itself is not stored. The
    /// caller MUST compare the account with the one that signed the request.
    async fn route(&self, sender: Sender) -> Result<Option<Route>, StoreError>;
}
