//! Doing work on a connection, within a deadline.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use deadpool::Runtime;
use deadpool::managed::{Object, Pool, QueueMode};
use diesel_async::{AsyncConnection as _, SimpleAsyncConnection as _};
use futures_util::future::BoxFuture;
use switchboard_domain::ports::StoreError;
use tokio::runtime::Handle;
use tokio::time::{Instant, timeout_at};

use super::connect::{Connector, STATEMENT_TIMEOUT};
use super::dialect::Conn;
use super::wake_ups::WakeUps;
use super::{PostgresOptions, PostgresStore, classify};
use crate::failure::{Failure, Meaning};
use crate::session_methods::{Job, Work, joined, not_connected};
use crate::{DatabaseOpenError, PostgresUrl};

/// How long to wait for a connection while others have them all.
const WAIT: Duration = Duration::from_secs(2);

/// What kind of work is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// It changes nothing, so it may be done twice.
    Read,
    /// It reads many things, or cleans up behind what was deleted, in no transaction.
    LongRead,
    /// One statement that changes something.
    Statement,
    /// Several statements, all or none of them.
    Transaction,
    /// Many statements, all or none of them.
    Long,
}

impl Kind {
    /// How long it may take, all in all.
    const fn limit(self) -> Duration {
        match self {
            Self::Read => Duration::from_secs(3),
            Self::Statement | Self::Transaction => Duration::from_secs(5),
            Self::Long => Duration::from_secs(60),
            Self::LongRead => Duration::from_secs(600),
        }
    }
}

/// The connections to a database, and the runtime that they live on.
///
/// All work is done by tasks of that runtime: a caller that waits no longer leaves its task to end, so
/// that no connection goes back into the pool with an answer still to come.
pub(super) struct Sessions {
    runtime: Handle,
    pool: Pool<Connector>,
    pub(super) wake_ups: WakeUps,
}

/// Why an attempt came to nothing, and what that means for its connection.
enum Ended {
    /// The connection was gone or of no use, and nothing has been changed if the work only reads.
    Lost(StoreError),
    /// There was no answer yet.
    Late(StoreError),
    /// Something else; the connection can go on.
    Intact(StoreError),
}

impl Sessions {
    pub(super) fn new(
        url: &PostgresUrl,
        options: &PostgresOptions,
        runtime: Handle,
    ) -> Result<Self, DatabaseOpenError> {
        let pool = Pool::builder(Connector::new(url, runtime.clone())?)
            .max_size(options.connections.max(1))
            // The last one used: its server process has its plans and catalog in the cache of a processor.
            .queue_mode(QueueMode::Lifo)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(WAIT))
            .build()
            .map_err(DatabaseOpenError::failed("making the pool of connections"))?;
        let wake_ups = WakeUps::new(Connector::new(url, runtime.clone())?, runtime.clone());
        Ok(Self { runtime, pool, wake_ups })
    }

    async fn work(
        &self,
        kind: Kind,
        operation: &'static str,
        deadline: Instant,
        work: &dyn Work<Conn>,
    ) -> Result<(), StoreError> {
        let mut conn = match timeout_at(deadline, self.pool.get()).await {
            Ok(got) => got.map_err(|error| not_connected(operation, error))?,
            Err(_elapsed) => return Err(StoreError::timed_out(operation)),
        };
        match attempt(&mut conn, kind, operation, deadline, work).await {
            Ok(()) => Ok(()),
            Err(Ended::Intact(error)) => Err(error),
            Err(Ended::Late(error)) => {
                // Its response may still arrive, and the next query must not read it.
                drop(Object::take(conn));
                Err(error)
            }
            Err(Ended::Lost(error)) => {
                drop(Object::take(conn));
                // The server was restarted or is no longer the primary, so the idle connections are
                // closed too.
                self.pool.retain(|_, _| false);
                if kind != Kind::Read {
                    return Err(error);
                }
                let fresh = timeout_at(deadline, self.pool.manager().connect()).await;
                let mut conn = match fresh {
                    Ok(made) => made.map_err(|error| unavailable(operation, error))?,
                    Err(_elapsed) => return Err(StoreError::timed_out(operation)),
                };
                let again = attempt(&mut conn, kind, operation, deadline, work).await;
                again.map_err(Ended::into_error)
            }
        }
    }
}

async fn attempt(
    conn: &mut Conn,
    kind: Kind,
    operation: &'static str,
    deadline: Instant,
    work: &dyn Work<Conn>,
) -> Result<(), Ended> {
    let done = match kind {
        Kind::Read | Kind::Statement => timeout_at(deadline, work.attempt(conn)).await,
        Kind::LongRead => timeout_at(deadline, with_long_statements(conn, work)).await,
        Kind::Transaction | Kind::Long => {
            let all = conn.transaction(async |conn| work.attempt(conn).await);
            timeout_at(deadline, all).await
        }
    };
    match done {
        Ok(Ok(())) => Ok(()),
        Ok(Err(Failure::Port(error))) => Err(Ended::Intact(error)),
        Ok(Err(Failure::Query(error))) => {
            let (meaning, error) = classify::classify(operation, conn, error);
            Err(if meaning == Meaning::Lost { Ended::Lost(error) } else { Ended::Intact(error) })
        }
        Err(_elapsed) => Err(Ended::Late(StoreError::timed_out(operation))),
    }
}

/// Does work whose statements may take longer than others.
async fn with_long_statements(conn: &mut Conn, work: &dyn Work<Conn>) -> Result<(), Failure> {
    conn.batch_execute("SET statement_timeout = '10min'").await?;
    let done = work.attempt(conn).await;
    // A connection with another limit than the rest must not go back into the pool.
    conn.batch_execute(&format!("SET statement_timeout = '{STATEMENT_TIMEOUT}'")).await?;
    done
}

impl Ended {
    fn into_error(self) -> StoreError {
        match self {
            Self::Lost(error) | Self::Late(error) | Self::Intact(error) => error,
        }
    }
}

fn unavailable(operation: &'static str, error: impl Error + Send + Sync + 'static) -> StoreError {
    StoreError::Unavailable { operation, source: Some(Box::new(error)) }
}

session_methods! { PostgresStore {
    /// Does work that reads. It is done again if the connection was gone.
    pub(crate) read: Kind::Read;
    /// Does work that reads many things, or cleans up.
    pub(crate) read_long: Kind::LongRead;
    /// Does work that is one statement that writes.
    pub(super) statement: Kind::Statement;
    /// Does work that writes, all of it or nothing.
    pub(crate) write: Kind::Transaction;
    /// Does work that writes many things, all of it or nothing.
    pub(crate) write_long: Kind::Long;
} }

impl PostgresStore {
    async fn run<A, T, W>(
        &self,
        kind: Kind,
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
        let job = Arc::new(Job::new(wanted, work));
        self.finish(kind, operation, Arc::clone(&job) as _).await?;
        job.result(operation)
    }

    async fn finish(
        &self,
        kind: Kind,
        operation: &'static str,
        work: Arc<dyn Work<Conn>>,
    ) -> Result<(), StoreError> {
        let deadline = Instant::now() + kind.limit();
        let sessions = Arc::clone(&self.sessions);
        let task = self
            .sessions
            .runtime
            .spawn(async move { sessions.work(kind, operation, deadline, work.as_ref()).await });
        joined(operation, task.await)
    }
}
