use async_trait::async_trait;

use super::StoreError;
use crate::call::CallKey;
use crate::identifier::AgentId;
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
}
