//! The calls in progress, from which the load of agents is counted.

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
    /// calls MUST be left out.
    async fn live_calls(
        &self,
        after: Timestamp,
        most: u32,
    ) -> Result<Vec<(CallKey, AgentId)>, StoreError>;

    /// Lists the same calls in equal shares of the organizations, at most `most` in all: the newest
    /// call of each organization, then the second newest of each, and so on. The calls of one
    /// organization MUST NOT displace those of others.
    async fn live_calls_by_organization(
        &self,
        after: Timestamp,
        most: u32,
    ) -> Result<Vec<(OrganizationId, CallKey, AgentId)>, StoreError>;
}
