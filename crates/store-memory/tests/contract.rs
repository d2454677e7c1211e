//! The laws of every port, on the store in memory.

use std::sync::Arc;

use switchboard_contract::{Harness, Reopen};
use switchboard_domain::ports::Store;
use switchboard_store_memory::MemoryStore;

struct Memory(Arc<MemoryStore>);

impl Harness for Memory {
    async fn fresh() -> Self {
        Self(Arc::new(MemoryStore::new()))
    }

    fn store(&self) -> Arc<dyn Store> {
        self.0.clone()
    }

    fn reopen(&self) -> Option<Reopen> {
        None
    }
}

switchboard_contract::store_laws!(Memory);
