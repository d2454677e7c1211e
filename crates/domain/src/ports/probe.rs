use async_trait::async_trait;

use super::StoreError;
use crate::time::Timestamp;

/// Tells whether a store answers. Laws: `switchboard_contract::probe`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait StoreProbe: Send + Sync {
    /// The store's own time, read by a query.
    async fn time(&self) -> Result<Timestamp, StoreError>;
}
