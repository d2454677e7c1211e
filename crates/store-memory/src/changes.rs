//! What changed, for those who keep a copy of it.

use async_trait::async_trait;
use switchboard_domain::ports::{ChangeStore, Changes, StoreError};

use crate::MemoryStore;

#[async_trait]
impl ChangeStore for MemoryStore {
    async fn version(&self) -> Result<u64, StoreError> {
        Ok(self.enter("change.version").await?.changes.version())
    }

    async fn since(&self, version: u64) -> Result<Changes, StoreError> {
        Ok(self.enter("change.since").await?.changes.since(version))
    }
}
