//! Whether the store answers: always.

use std::time::{SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use switchboard_domain::ports::{StoreError, StoreProbe};
use switchboard_domain::time::Timestamp;

use crate::MemoryStore;

#[async_trait]
impl StoreProbe for MemoryStore {
    async fn time(&self) -> Result<Timestamp, StoreError> {
        self.faults.pass("probe").await?;
        Ok(now())
    }
}

/// The store's own time.
pub(crate) fn now() -> Timestamp {
    #[expect(
        clippy::disallowed_methods,
        reason = "a store has a clock of its own, as a database has"
    )]
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_micros(i64::try_from(since_epoch.as_micros()).unwrap_or(i64::MAX))
}
