use async_trait::async_trait;

use super::StoreError;
use crate::call::CallKey;
use crate::identifier::{AgentId, OrganizationId};
use crate::time::Timestamp;

/// Lists the current calls of agents, as recorded by all processes. Laws:
/// `switchboard_contract::live_calls`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait LiveCallStore: Send + Sync {
    /// Lists the newest calls, at most `most`, that were decided after `after` and that an agent
    /// has taken. Calls that have ended or been disconnected, as far as recorded, and simulated
    /// calls are left out.
    async fn live_calls(
        &self,
        after: Timestamp,
        most: u32,
    ) -> Result<Vec<(CallKey, AgentId)>, StoreError>;

    /// The same calls, the newest `most` of each organization: however many calls one organization has, it leaves those of
    /// others in the list.
    async fn live_calls_by_organization(
        &self,
        after: Timestamp,
        most: u32,
    ) -> Result<Vec<(OrganizationId, CallKey, AgentId)>, StoreError>;
}
