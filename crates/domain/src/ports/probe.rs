//! Whether the store answers.

use async_trait::async_trait;

use super::StoreError;
use crate::time::Timestamp;

/// Checks whether a store answers. Laws: `switchboard_contract::probe`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait StoreProbe: Send + Sync {
    /// Queries the store for its current time. It MUST be in UTC, and MUST NOT come from a cache.
    async fn time(&self) -> Result<Timestamp, StoreError>;
}
