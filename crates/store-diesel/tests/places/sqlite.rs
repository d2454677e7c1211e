//! A file of SQLite for one test.

use std::ops::Deref;
use std::path::PathBuf;

use diesel::Connection as _;
use diesel::connection::SimpleConnection as _;
use diesel::sqlite::SqliteConnection;
use switchboard_store_diesel::{SqliteOptions, SqliteStore};
use tempfile::TempDir;

/// A store in a folder that is removed when this is dropped.
pub(crate) struct Place {
    pub(crate) store: SqliteStore,
    pub(crate) path: PathBuf,
    _folder: TempDir,
}

impl Place {
    /// A store that has been migrated.
    pub(crate) async fn fresh() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("switchboard.db");
        SqliteStore::migrate(&path).await.unwrap();
        let store = SqliteStore::open(&path, &SqliteOptions::default()).await.unwrap();
        Self { store, path, _folder: folder }
    }

    /// A connection past the store, as another program has it.
    pub(crate) fn connect(&self) -> SqliteConnection {
        let mut conn = SqliteConnection::establish(self.path.to_str().unwrap()).unwrap();
        conn.batch_execute("PRAGMA busy_timeout = 5000").unwrap();
        conn
    }
}

impl Deref for Place {
    type Target = SqliteStore;

    fn deref(&self) -> &SqliteStore {
        &self.store
    }
}
