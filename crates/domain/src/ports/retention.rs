//! The deletion of old records.

use async_trait::async_trait;

use super::StoreError;
use crate::retention::RecordKind;
use crate::time::Timestamp;

/// Deletes old records. Laws: `switchboard_contract::retention`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait RetentionStore: Send + Sync {
    /// Counts the records of a kind that are older than an instant. The age of a call or message is
    /// determined by its first event, the age of a rejection by its last request, and the age of a delivery by its
    /// creation. Deliveries that are not final do not count.
    async fn count_older(&self, kind: RecordKind, before: Timestamp) -> Result<u64, StoreError>;

    /// Deletes the oldest of these records in one short transaction. MUST NOT delete more than `limit`. Returns how
    /// many were deleted.
    async fn delete_older(
        &self,
        kind: RecordKind,
        before: Timestamp,
        limit: u32,
    ) -> Result<u32, StoreError>;
}
