//! Both stores are held to the laws of every port.
#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

#[expect(dead_code, reason = "the laws use the ports, and no connection of their own")]
#[path = "fixtures/postgres.rs"]
mod postgres_fixture;
#[expect(dead_code, reason = "the laws use the ports, and no connection of their own")]
#[path = "fixtures/sqlite.rs"]
mod sqlite_fixture;

mod sqlite {
    use std::sync::Arc;

    use crate::sqlite_fixture::Fixture;
    use switchboard_contract::{Harness, Reopen};
    use switchboard_domain::ports::Store;
    use switchboard_store_diesel::{SqliteOptions, SqliteStore};

    impl Harness for Fixture {
        async fn fresh() -> Self {
            Self::fresh().await
        }

        fn store(&self) -> Arc<dyn Store> {
            Arc::new(self.store.clone())
        }

        fn reopen(&self) -> Option<Reopen> {
            let path = self.path.clone();
            Some(Box::new(move || {
                let path = path.clone();
                Box::pin(async move {
                    let store = SqliteStore::open(&path, &SqliteOptions::default()).await;
                    Arc::new(store.unwrap()) as Arc<dyn Store>
                })
            }))
        }
    }

    switchboard_contract::store_laws!(Fixture);
}

mod postgres {
    use std::sync::Arc;

    use crate::postgres_fixture::Fixture;
    use switchboard_contract::{Harness, Reopen};
    use switchboard_domain::ports::Store;
    use switchboard_store_diesel::{PostgresOptions, PostgresStore, PostgresUrl};

    impl Harness for Fixture {
        async fn fresh() -> Self {
            Self::fresh().await
        }

        fn store(&self) -> Arc<dyn Store> {
            Arc::new(self.store.clone())
        }

        fn reopen(&self) -> Option<Reopen> {
            let url = PostgresUrl::parse(&self.database.url).unwrap();
            Some(Box::new(move || {
                let url = url.clone();
                Box::pin(async move {
                    let store = PostgresStore::connect(&url, &PostgresOptions::default()).await;
                    Arc::new(store.unwrap()) as Arc<dyn Store>
                })
            }))
        }
    }

    switchboard_contract::store_laws!(Fixture);
}
