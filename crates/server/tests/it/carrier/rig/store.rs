//! The database of one test.

use tempfile::TempDir;
use throwaway_postgres::Database;

/// The database of one test.
pub(crate) enum Store {
    /// A file.
    Sqlite(TempDir),
    /// A database of the shared cluster.
    Postgres(Database),
}

impl Store {
    pub(crate) fn sqlite() -> Self {
        Self::Sqlite(tempfile::tempdir().unwrap())
    }

    pub(crate) async fn postgres() -> Self {
        Self::Postgres(Database::empty().await)
    }

    /// What the program is told as `DATABASE_URL`.
    pub(crate) fn url(&self) -> String {
        match self {
            Self::Sqlite(folder) => format!("sqlite://{}/switchboard.db", folder.path().display()),
            Self::Postgres(database) => database.url.clone(),
        }
    }
}
