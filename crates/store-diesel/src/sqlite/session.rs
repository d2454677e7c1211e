//! Doing work on a connection, within a deadline.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use deadpool::Runtime;
use deadpool::managed::{Object, Pool};
use diesel::connection::{AnsiTransactionManager, TransactionManager as _};
use futures_util::future::BoxFuture;
use switchboard_domain::ports::StoreError;
use tokio::runtime::Handle;
use tokio::time::{Instant, sleep, timeout_at};

use super::connect::{Connector, Role};
use super::dialect::Conn;
use super::{SqliteOptions, SqliteStore, classify};
use crate::DatabaseOpenError;
use crate::failure::{Failure, Meaning, store_error};
use crate::session_methods::{Job, Work, joined, not_connected};

/// How long a read may take, all in all.
const READ: Duration = Duration::from_secs(3);
/// How long the reading of many things may take, all in all.
const LONG_READ: Duration = Duration::from_secs(600);
/// How long a write may take, all in all.
pub(super) const WRITE: Duration = Duration::from_secs(5);
/// How long the writing of many things may take, all in all.
const LONG_WRITE: Duration = Duration::from_secs(60);
/// How long to wait where another process writes.
pub(super) const PAUSE: Duration = Duration::from_millis(10);

/// The connections to a file, and the runtime that they live on.
///
/// A query that has begun cannot be abandoned, as it runs on a thread for blocking work. So all work is done by
/// tasks of that runtime, and a caller that waits no longer leaves its task to end.
pub(super) struct Sessions {
    pub(super) runtime: Handle,
    readers: Pool<Connector>,
    writer: Pool<Connector>,
}

impl Sessions {
    pub(super) fn new(
        path: &Path,
        options: &SqliteOptions,
        runtime: Handle,
    ) -> Result<Self, DatabaseOpenError> {
        let pool = |role, size| {
            Pool::builder(Connector::new(path, role)?)
                .max_size(size)
                .runtime(Runtime::Tokio1)
                .build()
                .map_err(DatabaseOpenError::failed("making the pool of connections"))
        };
        Ok(Self {
            runtime,
            readers: pool(Role::Reader, options.readers.max(1))?,
            // With more than one writer in a process they would only wait for each other.
            writer: pool(Role::Writer, 1)?,
        })
    }

    /// Does work with a connection of that role, once one is free, on a thread for blocking work.
    pub(super) async fn on_thread<T: Send + 'static>(
        &self,
        role: Role,
        operation: &'static str,
        deadline: Instant,
        work: impl FnOnce(&Handle, &mut Conn) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        let mut conn = self.connection(role, operation, deadline).await?;
        let runtime = self.runtime.clone();
        let task = self.runtime.spawn_blocking(move || Ok(work(&runtime, &mut conn)));
        joined(operation, task.await)
    }

    async fn connection(
        &self,
        role: Role,
        operation: &'static str,
        deadline: Instant,
    ) -> Result<Object<Connector>, StoreError> {
        let pool = match role {
            Role::Reader => &self.readers,
            Role::Writer => &self.writer,
        };
        match timeout_at(deadline, pool.get()).await {
            Ok(Ok(conn)) => Ok(conn),
            Ok(Err(error)) => Err(not_connected(operation, error)),
            Err(_elapsed) => Err(StoreError::timed_out(operation)),
        }
    }

    async fn work(
        &self,
        role: Role,
        operation: &'static str,
        deadline: Instant,
        work: &Arc<dyn Work<Conn>>,
    ) -> Result<(), StoreError> {
        loop {
            let work = Arc::clone(work);
            let attempt = move |runtime: &Handle, conn: &mut Conn| match role {
                Role::Reader => runtime.block_on(work.attempt(conn)),
                Role::Writer => runtime.block_on(transaction(conn, work.as_ref())),
            };
            let error = match self.on_thread(role, operation, deadline, attempt).await? {
                Ok(()) => return Ok(()),
                Err(Failure::Port(error)) => return Err(error),
                Err(Failure::Query(error)) => error,
            };
            let meaning = classify::meaning(&error);
            if meaning != Meaning::Busy || Instant::now() + PAUSE >= deadline {
                return Err(store_error(operation, meaning, error));
            }
            sleep(PAUSE).await;
        }
    }
}

/// Does work in a transaction. It takes the write lock at its beginning: a lock that is taken later fails if another
/// process wrote since the first read.
async fn transaction(conn: &mut Conn, work: &dyn Work<Conn>) -> Result<(), Failure> {
    conn.spawn_blocking(|conn| {
        AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN IMMEDIATE")
    })
    .await?;
    let done = work.attempt(conn).await;
    if done.is_ok() {
        conn.spawn_blocking(AnsiTransactionManager::commit_transaction).await?;
    } else {
        // If this fails too, the pool closes the connection.
        let _is_rolled_back =
            conn.spawn_blocking(AnsiTransactionManager::rollback_transaction).await;
    }
    done
}

session_methods! { SqliteStore {
    /// Does work that reads.
    pub(crate) read: Role::Reader, READ;
    /// Does work that reads many things.
    pub(crate) read_long: Role::Reader, LONG_READ;
    /// Does work that writes, all of it or nothing.
    pub(crate) write: Role::Writer, WRITE;
    /// Does work that writes many things, all of it or nothing.
    pub(crate) write_long: Role::Writer, LONG_WRITE;
} }

impl SqliteStore {
    async fn run<A, T, W>(
        &self,
        role: Role,
        limit: Duration,
        operation: &'static str,
        wanted: A,
        work: W,
    ) -> Result<T, StoreError>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
        W: for<'c> Fn(&'c mut Conn, &'c A) -> BoxFuture<'c, Result<T, Failure>>
            + Send
            + Sync
            + 'static,
    {
        let deadline = Instant::now() + limit;
        let job = Arc::new(Job::new(wanted, work));
        self.finish(role, operation, deadline, Arc::clone(&job) as _).await?;
        job.result(operation)
    }

    async fn finish(
        &self,
        role: Role,
        operation: &'static str,
        deadline: Instant,
        work: Arc<dyn Work<Conn>>,
    ) -> Result<(), StoreError> {
        let sessions = Arc::clone(&self.sessions);
        let task = self
            .sessions
            .runtime
            .spawn(async move { sessions.work(role, operation, deadline, &work).await });
        match timeout_at(deadline, task).await {
            Ok(done) => joined(operation, done),
            Err(_elapsed) => Err(StoreError::timed_out(operation)),
        }
    }
}
