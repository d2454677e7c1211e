//! Postgres.

#[macro_use]
mod dialect;
#[cfg(test)]
mod explain_tests;
mod group_commit;
#[macro_use]
mod upsert;
#[macro_use]
mod update;
mod classify;
mod connect;
mod guarded;
mod message_statements;
mod migrate;
mod session;
mod tls;
mod wake_ups;

#[path = "../queries/mod.rs"]
mod queries;

use std::sync::Arc;

use tokio::runtime::Handle;

pub(crate) use classify::classify;
pub(crate) use connect::session_for_long;

use crate::{DatabaseOpenError, Migrated, PostgresUrl, SchemaState};
use session::Sessions;

/// A store in a Postgres database, which several processes can share.
#[derive(Clone)]
pub struct PostgresStore {
    sessions: Arc<Sessions>,
}

/// How a database is used.
#[derive(Clone, Debug)]
pub struct PostgresOptions {
    /// How many connections there may be at a time.
    pub connections: usize,
}

impl Default for PostgresOptions {
    fn default() -> Self {
        Self { connections: 16 }
    }
}

impl PostgresStore {
    /// Connects to a database that has been migrated. Connections live on the runtime that this is called
    /// on, so that callers may come from shorter-lived ones.
    pub async fn connect(
        url: &PostgresUrl,
        options: &PostgresOptions,
    ) -> Result<Self, DatabaseOpenError> {
        migrate::state(url).await?.must_be_current()?;
        let sessions = Sessions::new(url, options, Handle::current())?;
        Ok(Self { sessions: Arc::new(sessions) })
    }

    /// Compares the schema of a database with the migrations of this program.
    pub async fn schema_state(url: &PostgresUrl) -> Result<SchemaState, DatabaseOpenError> {
        migrate::state(url).await
    }

    /// Brings the tables of a database up to date. Two that come at once do it once.
    pub async fn migrate(url: &PostgresUrl) -> Result<Migrated, DatabaseOpenError> {
        migrate::migrate(url).await
    }
}

impl std::fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PostgresStore")
    }
}
