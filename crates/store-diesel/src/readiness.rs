//! Whether a database exists and has the schema that this program needs.

use std::error::Error;
use std::fmt;
use std::path::PathBuf;

use diesel::migration::{Migration, MigrationSource};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness};
use switchboard_domain::ports::Retry;

/// The schema of a database, compared with the migrations of this program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemaState {
    /// No migration was ever run.
    NotMigrated,
    /// Some migrations of this program have not been run yet.
    Older {
        /// Their versions, oldest first.
        pending: Vec<String>,
    },
    /// The tables are those that this program was built for.
    Current,
    /// A newer program has migrated the database.
    Newer {
        /// The newest version, which this program does not know.
        version: String,
    },
}

/// The result of a migration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migrated {
    /// The versions that were run, oldest first; empty if there was nothing to do.
    pub versions: Vec<String>,
}

/// What kind of database is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// An `SQLite` file.
    File,
    /// A database of a Postgres server.
    OnServer,
    /// The database of a legacy system.
    Legacy,
}

/// A database cannot be opened or migrated.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseOpenError {
    /// The database does not exist.
    #[error("there is no database at {place}")]
    Missing {
        /// The path or the server.
        place: String,
        /// The kind of database.
        what: Missing,
    },
    /// The path is a folder.
    #[error("{} is a folder", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
    },
    /// The file has another format.
    #[error("{} is not an SQLite database", path.display())]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// The file cannot be created.
    #[error(
        "the database {} cannot be created",
        path.display()
    )]
    NotCreatable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// SQLite accepts only paths in UTF-8.
    #[error("the path {} is not UTF-8", path.display())]
    NotUtf8 {
        /// The path.
        path: PathBuf,
    },
    /// This program cannot use the schema of the database.
    #[error("{0}")]
    Schema(SchemaState),
    /// The server cannot be reached, or refuses the connection.
    #[error("{what} at {place}")]
    Unreachable {
        /// What went wrong.
        what: &'static str,
        /// The server, without any password.
        place: String,
        /// The cause.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The settings for TLS cannot be used.
    #[error("the settings for TLS cannot be used")]
    Tls {
        /// The cause.
        source: Box<dyn Error + Send + Sync>,
    },
    /// Any other error.
    #[error("{operation} failed")]
    Failed {
        /// The name of the statement, such as `number.find`.
        operation: &'static str,
        /// The cause.
        source: Box<dyn Error + Send + Sync>,
    },
}

impl DatabaseOpenError {
    /// Whether the same request can succeed later, without a change of the settings or the database.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Unreachable { .. } => Retry::Later,
            Self::Missing { .. }
            | Self::Folder { .. }
            | Self::NotADatabase { .. }
            | Self::NotCreatable { .. }
            | Self::NotUtf8 { .. }
            | Self::Schema(_)
            | Self::Tls { .. }
            | Self::Failed { .. } => Retry::Never,
        }
    }

    pub(crate) fn failed<E>(operation: &'static str) -> impl FnOnce(E) -> Self
    where
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        move |source| Self::Failed { operation, source: source.into() }
    }
}

impl fmt::Display for SchemaState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotMigrated => f.write_str("the database has no tables of switchboard yet"),
            Self::Older { pending } => write!(
                f,
                "the database is older than this program, {} to run: {}",
                if pending.len() == 1 { "one migration is" } else { "several migrations are" },
                pending.join(", ")
            ),
            Self::Current => f.write_str("the database is up to date"),
            Self::Newer { version } => write!(
                f,
                "the database is newer than this program, which does not know migration {version}"
            ),
        }
    }
}

impl SchemaState {
    /// Compares the migrations of a database with those that this program knows.
    pub(crate) fn of(applied: &Applied, known: &[String]) -> Self {
        // Unknown compatible migrations do not matter, because they remove nothing that this program needs.
        let required = &applied.required;
        if let Some(version) = required.iter().rev().find(|version| !known.contains(version)) {
            return Self::Newer { version: version.clone() };
        }
        if required.is_empty() {
            return Self::NotMigrated;
        }
        let pending: Vec<_> =
            known.iter().filter(|version| !applied.contains(version)).cloned().collect();
        if pending.is_empty() { Self::Current } else { Self::Older { pending } }
    }

    /// Returns an error unless the schema is current.
    pub(crate) fn must_be_current(self) -> Result<(), DatabaseOpenError> {
        match self {
            Self::Current => Ok(()),
            other => Err(DatabaseOpenError::Schema(other)),
        }
    }

    /// Returns an error if the schema is newer, because this program must not change it.
    pub(crate) fn must_not_be_newer(self) -> Result<(), DatabaseOpenError> {
        match self {
            newer @ Self::Newer { .. } => Err(DatabaseOpenError::Schema(newer)),
            _ => Ok(()),
        }
    }
}

/// The migrations that a database has had.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Applied {
    /// Those that a program has to know. Versions, oldest first.
    pub(crate) required: Vec<String>,
    /// Those that a program works with even if it does not know them.
    pub(crate) compatible: Vec<String>,
}

impl Applied {
    fn contains(&self, version: &String) -> bool {
        self.required.contains(version) || self.compatible.contains(version)
    }
}

/// The first migration that programs before it tolerate: it and later ones only add tables, indexes, and columns with
/// defaults. They are recorded in a ledger of their own, which earlier programs do not read, so that these still start
/// during an upgrade and after a rollback.
const FIRST_COMPATIBLE: &str = "20261128000005";
/// The end of the name of a migration that programs before it do not tolerate.
const BREAKING: &str = "_breaking";
/// The ledger of compatible migrations.
pub(crate) const COMPATIBLE_LEDGER: &str = "CREATE TABLE IF NOT EXISTS __switchboard_compatible_migrations (\
     version VARCHAR(50) PRIMARY KEY NOT NULL, run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)";

fn is_compatible(name: &str, version: &str) -> bool {
    version >= FIRST_COMPATIBLE && !name.ends_with(BREAKING)
}

/// Runs the migrations that the database has not had, and returns their versions. Each is run and recorded in one
/// transaction.
pub(crate) fn run_pending<B, C>(
    conn: &mut C,
    applied: &Applied,
    migrations: &EmbeddedMigrations,
) -> Result<Vec<String>, Box<dyn Error + Send + Sync>>
where
    B: diesel::backend::Backend,
    C: diesel::Connection<Backend = B> + MigrationHarness<B>,
{
    // Makes the ledger of the required ones.
    conn.applied_migrations()?;
    conn.batch_execute(COMPATIBLE_LEDGER)?;
    let mut pending: Vec<Box<dyn Migration<B>>> = MigrationSource::<B>::migrations(migrations)?;
    pending.retain(|migration| !applied.contains(&migration.name().version().to_string()));
    pending.sort_unstable_by_key(|migration| migration.name().version().to_string());
    let mut versions = Vec::new();
    for migration in pending {
        let (name, version) =
            (migration.name().to_string(), migration.name().version().to_string());
        conn.transaction::<_, Box<dyn Error + Send + Sync>, _>(|conn| {
            conn.run_migration(&*migration)?;
            if is_compatible(&name, &version) {
                conn.batch_execute(&format!(
                    "INSERT INTO __switchboard_compatible_migrations (version) VALUES ('{version}'); \
                     DELETE FROM __diesel_schema_migrations WHERE version = '{version}';"
                ))?;
            }
            Ok(())
        })?;
        versions.push(version);
    }
    Ok(versions)
}

/// The versions of the migrations that this program has, oldest first.
pub(crate) fn known<B: diesel::backend::Backend>(
    migrations: &EmbeddedMigrations,
) -> Result<Vec<String>, DatabaseOpenError> {
    let migrations = diesel::migration::MigrationSource::<B>::migrations(migrations)
        .map_err(DatabaseOpenError::failed("reading the migrations of this program"))?;
    let mut versions: Vec<_> =
        migrations.iter().map(|one| one.name().version().to_string()).collect();
    versions.sort_unstable();
    Ok(versions)
}

#[cfg(test)]
mod tests {
    use super::{Applied, SchemaState, is_compatible};

    fn state(applied: &[&str], known: &[&str]) -> SchemaState {
        let owned =
            |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let applied = Applied { required: owned(applied), compatible: Vec::new() };
        SchemaState::of(&applied, &owned(known))
    }

    #[test]
    fn unknown_compatible_migrations_are_tolerated() {
        let owned = |texts: &[&str]| texts.iter().map(ToString::to_string).collect::<Vec<_>>();
        let applied = Applied { required: owned(&["1"]), compatible: owned(&["2", "9"]) };
        assert_eq!(SchemaState::of(&applied, &owned(&["1", "2"])), SchemaState::Current);
        let pending = SchemaState::Older { pending: owned(&["3"]) };
        assert_eq!(SchemaState::of(&applied, &owned(&["1", "2", "3"])), pending);
        assert!(!is_compatible("2026-11-28-000004_standard_terms", "20261128000004"));
        assert!(is_compatible("2026-11-28-000005_routing", "20261128000005"));
        assert!(!is_compatible("2027-01-01-000001_drop_breaking", "20270101000001"));
    }

    #[test]
    fn a_database_is_new_old_current_or_newer() {
        assert_eq!(state(&[], &["1", "2"]), SchemaState::NotMigrated);
        assert_eq!(
            state(&["1"], &["1", "2"]),
            SchemaState::Older { pending: vec!["2".to_owned()] }
        );
        assert_eq!(state(&["1", "2"], &["1", "2"]), SchemaState::Current);
        assert_eq!(state(&["1", "3"], &["1", "2"]), SchemaState::Newer { version: "3".to_owned() });
    }

    #[test]
    fn every_state_says_what_is_wrong() {
        assert!(state(&[], &["1"]).to_string().contains("has no tables"));
        assert!(state(&["1"], &["1", "2"]).to_string().contains("one migration is to run: 2"));
        assert!(state(&["9"], &["1"]).to_string().contains("does not know migration 9"));
    }
}
