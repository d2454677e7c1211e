//! A Postgres database for one test.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::ops::Deref;
use std::path::Path;

use switchboard_store_diesel::{PostgresOptions, PostgresStore, PostgresUrl};
use throwaway_postgres::{Database, fresh_database};
use tokio_postgres::{Client, NoTls};

/// A store in a database that is removed when this is dropped.
pub(crate) struct Place {
    pub(crate) store: PostgresStore,
    pub(crate) database: Database,
}

impl Place {
    /// A store that has been migrated.
    pub(crate) async fn fresh() -> Self {
        let migrate = async |url: String| {
            PostgresStore::migrate(&PostgresUrl::parse(&url).unwrap()).await.unwrap();
        };
        let database = fresh_database(&migrations(), migrate).await;
        let url = PostgresUrl::parse(&database.url).unwrap();
        let store = PostgresStore::connect(&url, &PostgresOptions::default()).await.unwrap();
        Self { store, database }
    }

    /// A connection past the store, as another program has it.
    pub(crate) async fn connect(&self) -> Client {
        let (client, connection) =
            tokio_postgres::connect(&self.database.url, NoTls).await.unwrap();
        tokio::spawn(connection);
        client
    }
}

impl Deref for Place {
    type Target = PostgresStore;

    fn deref(&self) -> &PostgresStore {
        &self.store
    }
}

/// Changes whenever a migration does, and so does the template that databases are copied from.
fn migrations() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations/postgres");
    let mut texts = BTreeMap::new();
    for migration in fs::read_dir(folder).unwrap() {
        let file = migration.unwrap().path().join("up.sql");
        texts.insert(file.clone(), fs::read(file).unwrap());
    }
    let mut hash = DefaultHasher::new();
    texts.hash(&mut hash);
    format!("store_diesel_{:x}", hash.finish())
}
