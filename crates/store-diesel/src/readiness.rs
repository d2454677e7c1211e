//! Whether a database is there and has the tables that this program needs.

use std::error::Error;
use std::fmt;
use std::path::PathBuf;

use diesel_migrations::EmbeddedMigrations;

/// How the tables of a database stand to this program.
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

/// What migrating did.
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
    /// The database of the system that users come from.
    Legacy,
}

/// A database cannot be opened or migrated.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is none.
    #[error("there is no database at {place}")]
    Missing {
        /// Where it should be.
        place: String,
        /// What is missing there.
        what: Missing,
    },
    /// A folder in place of a file.
    #[error("{} is a folder", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
    },
    /// A file of another kind.
    #[error("{} is not an SQLite database", path.display())]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// A file that cannot be made.
    #[error(
        "the database {} cannot be created",
        path.display()
    )]
    Unmakeable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A path that SQLite cannot be told.
    #[error("the path {} is not UTF-8", path.display())]
    Unspeakable {
        /// The path.
        path: PathBuf,
    },
    /// The tables are not those that this program works with.
    #[error("{0}")]
    Schema(SchemaState),
    /// The server cannot be reached, or does not let us in.
    #[error("{what} at {place}")]
    Unreachable {
        /// What went wrong.
        what: &'static str,
        /// The server, without any password.
        place: String,
        /// The cause.
        source: Box<dyn Error + Send + Sync>,
    },
    /// TLS cannot be set up as the settings ask.
    #[error("the settings for TLS cannot be used")]
    Tls {
        /// The cause.
        source: Box<dyn Error + Send + Sync>,
    },
    /// Anything else.
    #[error("{operation} failed")]
    Failed {
        /// What was being done.
        operation: &'static str,
        /// The cause.
        source: Box<dyn Error + Send + Sync>,
    },
}

impl OpenError {
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
    /// How a database that has had the migrations `applied` stands to a program that has `known`.
    pub(crate) fn of(applied: &[String], known: &[String]) -> Self {
        if let Some(version) = applied.iter().rev().find(|version| !known.contains(version)) {
            return Self::Newer { version: version.clone() };
        }
        if applied.is_empty() {
            return Self::NotMigrated;
        }
        let pending: Vec<_> =
            known.iter().filter(|version| !applied.contains(version)).cloned().collect();
        if pending.is_empty() { Self::Current } else { Self::Older { pending } }
    }

    /// Only with its own tables can the program work.
    pub(crate) fn must_be_current(self) -> Result<(), OpenError> {
        match self {
            Self::Current => Ok(()),
            other => Err(OpenError::Schema(other)),
        }
    }

    /// A newer database must not be touched.
    pub(crate) fn must_not_be_newer(self) -> Result<(), OpenError> {
        match self {
            newer @ Self::Newer { .. } => Err(OpenError::Schema(newer)),
            _ => Ok(()),
        }
    }
}

/// The versions of the migrations that this program has, oldest first.
pub(crate) fn known<B: diesel::backend::Backend>(
    migrations: &EmbeddedMigrations,
) -> Result<Vec<String>, OpenError> {
    let migrations = diesel::migration::MigrationSource::<B>::migrations(migrations)
        .map_err(OpenError::failed("reading the migrations of this program"))?;
    let mut versions: Vec<_> =
        migrations.iter().map(|one| one.name().version().to_string()).collect();
    versions.sort_unstable();
    Ok(versions)
}

#[cfg(test)]
mod tests {
    use super::SchemaState;

    fn state(applied: &[&str], known: &[&str]) -> SchemaState {
        let owned =
            |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        SchemaState::of(&owned(applied), &owned(known))
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
