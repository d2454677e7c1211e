//! A fresh database of either kind, so that each test is written once.

use diesel::connection::SimpleConnection as _;
use switchboard_domain::ports::Store;

use crate::{postgres_fixture, sqlite_fixture};

/// A fresh database.
pub(crate) enum Database {
    /// Of SQLite.
    Sqlite(sqlite_fixture::Fixture),
    /// Of Postgres.
    Postgres(postgres_fixture::Fixture),
}

impl Database {
    /// The store over it.
    pub(crate) fn store(&self) -> &dyn Store {
        match self {
            Self::Sqlite(fixture) => &fixture.store,
            Self::Postgres(fixture) => &fixture.store,
        }
    }

    /// Executes statements past the store, as another program does.
    pub(crate) async fn execute(&self, statements: &str) {
        match self {
            Self::Sqlite(fixture) => fixture.connect().batch_execute(statements).unwrap(),
            Self::Postgres(fixture) => {
                fixture.connect().await.batch_execute(statements).await.unwrap();
            }
        }
    }
}

/// Runs a test on both databases, as `NAME::on_sqlite` and `NAME::on_postgres`: `#[apply(on_both_databases!)]`.
macro_rules! on_both_databases {
    ($(#[$meta:meta])* async fn $name:ident($database:ident: Database) $body:block) => {
        $(#[$meta])*
        async fn $name($database: Database) $body

        mod $name {
            use crate::database::Database;

            #[tokio::test(flavor = "multi_thread")]
            async fn on_sqlite() {
                super::$name(Database::Sqlite(crate::sqlite_fixture::Fixture::fresh().await)).await;
            }
            #[tokio::test(flavor = "multi_thread")]
            async fn on_postgres() {
                super::$name(Database::Postgres(crate::postgres_fixture::Fixture::fresh().await)).await;
            }
        }
    };
}
pub(crate) use on_both_databases;
