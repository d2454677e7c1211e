//! Both stores are held to the laws of every port.
#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

#[path = "places/postgres.rs"]
mod postgres_place;
#[path = "places/sqlite.rs"]
mod sqlite_place;

mod sqlite {
    use std::sync::Arc;

    use diesel::connection::SimpleConnection as _;

    use crate::sqlite_place::Place;
    use switchboard_contract::{Harness, Stores};
    use switchboard_domain::identifier::OrganizationId;

    impl Harness for Place {
        async fn fresh() -> Self {
            Self::fresh().await
        }

        fn stores(&self) -> Stores {
            Stores::of(&Arc::new(self.store.clone()))
        }

        async fn organization(&self, id: &OrganizationId, name: &str) {
            let row = format!(
                "INSERT INTO organizations (id, name, created_at) VALUES ('{id}', '{name}', 0)"
            );
            self.connect().batch_execute(&row).unwrap();
        }
    }

    switchboard_contract::account_laws!(Place);
    switchboard_contract::agent_laws!(Place);
    switchboard_contract::number_laws!(Place);
    switchboard_contract::route_laws!(Place);
    switchboard_contract::call_laws!(Place);
    switchboard_contract::message_laws!(Place);
    switchboard_contract::rejection_laws!(Place);
    switchboard_contract::change_laws!(Place);
    switchboard_contract::import_laws!(Place);
    switchboard_contract::probe_laws!(Place);
    switchboard_contract::configuration_laws!(Place);
    switchboard_contract::lease_laws!(Place);
    switchboard_contract::verification_laws!(Place);
    switchboard_contract::plan_laws!(Place);
    switchboard_contract::plan_place_laws!(Place);
    switchboard_contract::catalogue_laws!(Place);
    switchboard_contract::live_call_laws!(Place);
}

mod postgres {
    use std::sync::Arc;

    use crate::postgres_place::Place;
    use switchboard_contract::{Harness, Stores};
    use switchboard_domain::identifier::OrganizationId;

    impl Harness for Place {
        async fn fresh() -> Self {
            Self::fresh().await
        }

        fn stores(&self) -> Stores {
            Stores::of(&Arc::new(self.store.clone()))
        }

        async fn organization(&self, id: &OrganizationId, name: &str) {
            let row = format!(
                "INSERT INTO organizations (id, name, created_at) VALUES ('{id}', '{name}', now())"
            );
            self.connect().await.batch_execute(&row).await.unwrap();
        }
    }

    switchboard_contract::account_laws!(Place);
    switchboard_contract::agent_laws!(Place);
    switchboard_contract::number_laws!(Place);
    switchboard_contract::route_laws!(Place);
    switchboard_contract::call_laws!(Place);
    switchboard_contract::message_laws!(Place);
    switchboard_contract::rejection_laws!(Place);
    switchboard_contract::change_laws!(Place);
    switchboard_contract::import_laws!(Place);
    switchboard_contract::probe_laws!(Place);
    switchboard_contract::configuration_laws!(Place);
    switchboard_contract::lease_laws!(Place);
    switchboard_contract::verification_laws!(Place);
    switchboard_contract::plan_laws!(Place);
    switchboard_contract::plan_place_laws!(Place);
    switchboard_contract::catalogue_laws!(Place);
    switchboard_contract::live_call_laws!(Place);
}
