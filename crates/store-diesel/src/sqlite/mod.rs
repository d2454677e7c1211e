//! SQLite.

#[macro_use]
mod dialect;
#[cfg(test)]
mod explain_tests;
mod group_commit;
#[macro_use]
mod upsert;
#[macro_use]
mod update;
mod blocking;
mod classify;
mod connect;
mod migrate;
mod session;

#[path = "../queries/mod.rs"]
mod queries;

use std::future::{Pending, Ready, pending, ready};
use std::path::Path;
use std::sync::Arc;

use switchboard_domain::ports::ChangeNotice;
use tokio::runtime::Handle;

use crate::{DatabaseOpenError, Migrated, SchemaState};
use group_commit::GroupCommit;
use session::Sessions;

/// A store in one SQLite file.
///
/// There is one writer and a few readers. Messages that come at the same time share a transaction, and so
/// a flush to the disk. Another process may open the same file.
#[derive(Clone)]
pub struct SqliteStore {
    sessions: Arc<Sessions>,
    group_commit: GroupCommit,
}

/// How a file is used.
#[derive(Clone, Debug)]
pub struct SqliteOptions {
    /// How many readers there may be at a time.
    pub readers: usize,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self { readers: 4 }
    }
}

impl SqliteStore {
    /// Opens a file that has been migrated; a file that is not there is not made. The work is done on the
    /// runtime that this is called on, so that callers may come from shorter-lived ones.
    pub async fn open(path: &Path, options: &SqliteOptions) -> Result<Self, DatabaseOpenError> {
        migrate::state(path).await?.must_be_current()?;
        let sessions = Arc::new(Sessions::new(path, options, Handle::current())?);
        let group_commit = GroupCommit::start(&sessions);
        Ok(Self { sessions, group_commit })
    }

    /// Compares the schema of a file with the migrations of this program.
    pub async fn schema_state(path: &Path) -> Result<SchemaState, DatabaseOpenError> {
        migrate::state(path).await
    }

    /// Makes the file and its folder if they are not there, and brings its tables up to date. Two that
    /// come at once do it once.
    pub async fn migrate(path: &Path) -> Result<Migrated, DatabaseOpenError> {
        migrate::migrate(path).await
    }
}

/// Processes that share a file poll it.
#[expect(clippy::unused_self, reason = "the queries call the same methods of both stores")]
impl SqliteStore {
    pub(crate) fn notify_workers(&self) -> Ready<()> {
        ready(())
    }

    pub(crate) const fn hint_workers(&self) {}

    pub(crate) fn wait_for_notification(&self) -> Pending<()> {
        pending()
    }

    pub(crate) fn wait_for_change(&self) -> Pending<ChangeNotice> {
        pending()
    }
}

impl std::fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SqliteStore")
    }
}
