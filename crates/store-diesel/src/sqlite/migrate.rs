//! Creates the tables, and checks whether they exist.

use std::fs::{self, OpenOptions};
use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use diesel::result::Error;
use diesel::sqlite::{Sqlite, SqliteConnection};
use diesel::{Connection as _, ConnectionError, QueryDsl as _, RunQueryDsl as _};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness as _, embed_migrations};
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep};

use super::classify;
use super::connect::{Connector, Role, uri};
use super::queries::applied_migrations;
use super::session::PAUSE;
use crate::failure::Meaning;
use crate::readiness::{Applied, COMPATIBLE_LEDGER, Missing};
use crate::{DatabaseOpenError, Migrated, SchemaState, readiness};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");
diesel::table! {
    /// The table of compatible migrations, which earlier programs tolerate.
    #[sql_name = "__switchboard_compatible_migrations"]
    compatible_migrations (version) {
        version -> Text,
    }
}

/// How long to wait for a migration by another process.
const LOCK_TIMEOUT: Duration = Duration::from_secs(60);

/// Compares the schema of a file with the migrations of this program.
pub(super) async fn state(path: &Path) -> Result<SchemaState, DatabaseOpenError> {
    must_be_a_file(path)?;
    let connector = Connector::new(path, Role::Writer)?;
    let applied = retried_while_locked(path, || async {
        let mut conn = connector.connect().await.map_err(|error| match error {
            ConnectionError::CouldntSetupConfiguration(error) => Refusal::Query(error),
            other => Refusal::Open(DatabaseOpenError::failed("opening the database")(other)),
        })?;
        Ok(applied_migrations(&mut conn).await?)
    });
    Ok(SchemaState::of(&applied.await?, &readiness::known::<Sqlite>(&MIGRATIONS)?))
}

/// Retries while another process locks the file. When a process switches the file to WAL mode, or is the last one to close
/// it, SQLite reports that the file is busy without waiting.
async fn retried_while_locked<T, A>(
    path: &Path,
    mut attempt: impl FnMut() -> A,
) -> Result<T, DatabaseOpenError>
where
    A: Future<Output = Result<T, Refusal>>,
{
    let deadline = Instant::now() + LOCK_TIMEOUT;
    loop {
        match attempt().await {
            Err(Refusal::Query(error))
                if classify::meaning(&error) == Meaning::Busy && Instant::now() < deadline =>
            {
                sleep(PAUSE).await;
            }
            Err(Refusal::Query(error)) => return Err(not_opened(path, error)),
            Err(Refusal::Open(error)) => return Err(error),
            Ok(done) => return Ok(done),
        }
    }
}

fn must_be_a_file(path: &Path) -> Result<(), DatabaseOpenError> {
    match fs::metadata(path) {
        Ok(about) if about.is_dir() => Err(DatabaseOpenError::Folder { path: path.to_owned() }),
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => Err(DatabaseOpenError::Missing {
            place: path.display().to_string(),
            what: Missing::File,
        }),
        Err(error) => Err(DatabaseOpenError::failed("opening the database")(error)),
    }
}

fn not_opened(path: &Path, error: Error) -> DatabaseOpenError {
    if classify::is_not_a_database(&error) {
        DatabaseOpenError::NotADatabase { path: path.to_owned() }
    } else {
        DatabaseOpenError::failed("opening the database")(error)
    }
}

/// Creates the file and its folder if they do not exist, and runs the migrations.
pub(super) async fn migrate(path: &Path) -> Result<Migrated, DatabaseOpenError> {
    make_file(path)
        .map_err(|source| DatabaseOpenError::NotCreatable { path: path.to_owned(), source })?;
    must_be_a_file(path)?;
    let uri = uri(path)?;
    let migrating = retried_while_locked(path, || async {
        let uri = uri.clone();
        let migrating = spawn_blocking(move || migrate_once(&uri)).await;
        migrating.map_err(|error| {
            Refusal::Open(DatabaseOpenError::failed("migrating the database")(error))
        })?
    });
    migrating.await
}

/// The file contains encrypted tokens and the texts of messages, so other users must not read it. SQLite gives the files
/// beside it the same mode.
fn make_file(path: &Path) -> std::io::Result<()> {
    if path.exists() {
        return Ok(());
    }
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path).map(drop)
}

enum Refusal {
    Query(Error),
    Open(DatabaseOpenError),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Query(error)
    }
}

fn migrate_once(uri: &str) -> Result<Migrated, Refusal> {
    let failed = |error| Refusal::Open(DatabaseOpenError::failed("migrating the database")(error));
    let mut conn = SqliteConnection::establish(uri)
        .map_err(|error| Refusal::Open(DatabaseOpenError::failed("opening the database")(error)))?;
    conn.batch_execute(
        "PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON; PRAGMA journal_mode = WAL;",
    )?;
    // A concurrent migration waits here and then has nothing to do.
    conn.immediate_transaction(|conn| {
        let applied = conn.applied_migrations().map_err(failed)?;
        let mut required: Vec<_> = applied.iter().map(ToString::to_string).collect();
        required.sort_unstable();
        conn.batch_execute(COMPATIBLE_LEDGER)?;
        let compatible =
            compatible_migrations::table.select(compatible_migrations::version).load(conn)?;
        let applied = Applied { required, compatible };
        let known = readiness::known::<Sqlite>(&MIGRATIONS).map_err(Refusal::Open)?;
        SchemaState::of(&applied, &known).must_not_be_newer().map_err(Refusal::Open)?;
        let versions = readiness::run_pending(conn, &applied, &MIGRATIONS).map_err(failed)?;
        Ok(Migrated { versions })
    })
}
