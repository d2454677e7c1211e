//! The laws of every port, on the store in memory.

use std::sync::Arc;

use switchboard_contract::{Harness, Stores};
use switchboard_domain::identifier::OrganizationId;
use switchboard_store_memory::MemoryStore;

struct Memory(Arc<MemoryStore>);

impl Harness for Memory {
    async fn fresh() -> Self {
        Self(Arc::new(MemoryStore::new()))
    }

    fn stores(&self) -> Stores {
        Stores::of(&self.0)
    }

    async fn organization(&self, id: &OrganizationId, _name: &str) {
        self.0.add_organization(id.clone());
    }
}

switchboard_contract::account_laws!(Memory);
switchboard_contract::agent_laws!(Memory);
switchboard_contract::number_laws!(Memory);
switchboard_contract::route_laws!(Memory);
switchboard_contract::call_laws!(Memory);
switchboard_contract::message_laws!(Memory);
switchboard_contract::rejection_laws!(Memory);
switchboard_contract::change_laws!(Memory);
switchboard_contract::import_laws!(Memory);
switchboard_contract::probe_laws!(Memory);
switchboard_contract::configuration_laws!(Memory);
switchboard_contract::lease_laws!(Memory);
switchboard_contract::verification_laws!(Memory);
switchboard_contract::plan_laws!(Memory);
switchboard_contract::plan_place_laws!(Memory);
switchboard_contract::catalogue_laws!(Memory);
switchboard_contract::live_call_laws!(Memory);
