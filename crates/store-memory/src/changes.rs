//! The change log as a port.

use async_trait::async_trait;
use switchboard_domain::ports::{ChangeNotice, ChangeStore, ChangeVersion, Changes, StoreError};

use crate::MemoryStore;

#[async_trait]
impl ChangeStore for MemoryStore {
    async fn version(&self) -> Result<ChangeVersion, StoreError> {
        Ok(self.enter("change.version").await?.changes.version())
    }

    async fn since(&self, version: ChangeVersion) -> Result<Changes, StoreError> {
        Ok(self.enter("change.since").await?.changes.since(version))
    }

    async fn recorded(&self) -> ChangeNotice {
        std::future::pending().await
    }
}
