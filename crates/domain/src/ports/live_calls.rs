use async_trait::async_trait;

use super::StoreError;
use crate::call::CallKey;
use crate::identifier::AgentId;
use crate::time::Timestamp;

/// Tells which calls agents have, as far as all processes together know. Laws: `switchboard_contract::live_calls`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait LiveCallStore: Send + Sync {
    /// Calls that were decided after an instant, that an agent took, and that have neither ended nor been disconnected,
    /// as far as is recorded; the newest `most` of them. Simulated calls are left out.
    async fn live_calls(
        &self,
        after: Timestamp,
        most: u32,
    ) -> Result<Vec<(CallKey, AgentId)>, StoreError>;
}
