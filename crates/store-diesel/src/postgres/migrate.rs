//! Creates the tables, and checks whether they exist.

use diesel::pg::Pg;
use diesel_async::SimpleAsyncConnection as _;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use tokio::runtime::Handle;

use super::connect::{Connector, not_connected, session_for_long};
use super::dialect::Conn;
use super::queries::applied_migrations;
use crate::readiness::{Applied, Missing};
use crate::{DatabaseOpenError, Migrated, PostgresUrl, SchemaState, readiness};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");
/// The advisory lock of a migration. The number is "swbd" in ASCII.
const LOCK: &str = "SELECT pg_advisory_lock(1937203812)";

/// Compares the schema of a database with the migrations of this program.
pub(super) async fn state(url: &PostgresUrl) -> Result<SchemaState, DatabaseOpenError> {
    let connector = Connector::new(url, Handle::current())?;
    let mut conn =
        connector.connect().await.map_err(|error| not_connected(url, Missing::OnServer, error))?;
    state_in(&mut conn).await
}

async fn state_in(conn: &mut Conn) -> Result<SchemaState, DatabaseOpenError> {
    Ok(SchemaState::of(&applied_in(conn).await?, &readiness::known::<Pg>(&MIGRATIONS)?))
}

async fn applied_in(conn: &mut Conn) -> Result<Applied, DatabaseOpenError> {
    applied_migrations(conn)
        .await
        .map_err(DatabaseOpenError::failed("reading which migrations were run"))
}

/// Brings the tables up to date.
pub(super) async fn migrate(url: &PostgresUrl) -> Result<Migrated, DatabaseOpenError> {
    let mut conn = session_for_long(url, Missing::OnServer).await?;
    // A concurrent migration waits here and then has nothing to do. Closing the connection releases the lock.
    conn.batch_execute(LOCK)
        .await
        .map_err(DatabaseOpenError::failed("waiting for others that migrate"))?;
    let applied = applied_in(&mut conn).await?;
    SchemaState::of(&applied, &readiness::known::<Pg>(&MIGRATIONS)?).must_not_be_newer()?;
    let migrating = tokio::task::spawn_blocking(move || {
        let mut conn = AsyncConnectionWrapper::<Conn>::from(conn);
        let versions = readiness::run_pending(&mut conn, &applied, &MIGRATIONS)?;
        Ok(Migrated { versions })
    });
    migrating.await.map_err(DatabaseOpenError::failed("migrating the database"))?.map_err(
        DatabaseOpenError::failed::<Box<dyn std::error::Error + Send + Sync>>(
            "migrating the database",
        ),
    )
}
