//! The laws of every port, on the store in memory.
#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

use std::sync::Arc;

use switchboard_contract::{Harness, Reopen};
use switchboard_domain::agent::Label;
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::organization::Organization;
use switchboard_domain::ports::Store;
use switchboard_domain::time::Timestamp;
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

    async fn organization(&self, id: &OrganizationId, name: &str) {
        let name = Label::parse(name).unwrap();
        let created_at = Timestamp::from_seconds(0);
        self.0.add_organization(Organization { id: id.clone(), name, created_at });
    }
}

switchboard_contract::store_laws!(Memory);
