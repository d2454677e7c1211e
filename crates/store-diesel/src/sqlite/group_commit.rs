//! Group commit: messages that arrive at the same time share a transaction, and so a flush to the disk.

use std::mem::take;
use std::sync::Arc;

use diesel::dsl::exists;
use diesel::result::Error;
use diesel::sqlite::SqliteConnection;
use diesel::{Connection as _, QueryDsl as _, QueryResult, RunQueryDsl as _};
use switchboard_domain::ports::StoreError;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep, timeout_at};

use super::connect::Role;
use super::dialect::Conn;
use super::queries::schema::{conversations, messages};
use super::queries::{
    AddConversations, AddDeliveries, AddEvents, AddQueues, EventRow, InsertMessages, MessageRow,
    NewMessageRows, ProgressMessages,
};
use super::session::{PAUSE, Sessions, WRITE};
use super::upsert::{execute_event, execute_one};
use super::{SqliteStore, classify};
use crate::failure::{Meaning, store_error};

/// How many messages one transaction takes at most.
const TOGETHER: usize = 64;
/// How many messages may wait; the next ones wait at the endpoint.
const WAITING: usize = 1_024;

/// What to write.
enum Write {
    Insert(Box<NewMessageRows>),
    Progress(Box<(MessageRow, Option<EventRow>)>),
}

/// A message that waits to be written, and who waits for it.
struct Waiting {
    operation: &'static str,
    write: Write,
    answer: oneshot::Sender<Result<usize, StoreError>>,
}

/// Sends messages to the task that writes them. The task ends when the last of these is dropped.
#[derive(Clone)]
pub(super) struct GroupCommit(mpsc::Sender<Waiting>);

impl GroupCommit {
    pub(super) fn start(sessions: &Arc<Sessions>) -> Self {
        let (sender, receiver) = mpsc::channel(WAITING);
        sessions.runtime.spawn(write_groups(Arc::clone(sessions), receiver));
        Self(sender)
    }

    async fn write(&self, operation: &'static str, write: Write) -> Result<usize, StoreError> {
        let (answer, answered) = oneshot::channel();
        let waiting = Waiting { operation, write, answer };
        let written = async {
            // Either channel closes only when the runtime ends.
            self.0.send(waiting).await.ok()?;
            answered.await.ok()
        };
        match timeout_at(Instant::now() + WRITE, written).await {
            Ok(Some(outcome)) => outcome,
            Ok(None) | Err(_) => Err(StoreError::timed_out(operation)),
        }
    }
}

impl SqliteStore {
    /// Inserts a message with what is stored with it; returns how many messages were added or filled in, which is none for a
    /// duplicate, if the contact has another conversation than the one that the message begins, or if its conversation is
    /// not stored.
    pub(crate) async fn insert_row(
        &self,
        operation: &'static str,
        new: NewMessageRows,
    ) -> Result<usize, StoreError> {
        self.group_commit.write(operation, Write::Insert(Box::new(new))).await
    }

    /// Merges a status event.
    pub(crate) async fn progress_row(
        &self,
        operation: &'static str,
        row: MessageRow,
        event: Option<EventRow>,
    ) -> Result<(), StoreError> {
        self.group_commit.write(operation, Write::Progress(Box::new((row, event)))).await?;
        Ok(())
    }
}

/// While one transaction is being flushed, messages queue for the next one. So a single message does not wait for
/// others, and many concurrent ones cost few flushes.
async fn write_groups(sessions: Arc<Sessions>, mut waiting: mpsc::Receiver<Waiting>) {
    let mut together = Vec::with_capacity(TOGETHER);
    while waiting.recv_many(&mut together, TOGETHER).await > 0 {
        let (writes, askers): (Vec<_>, Vec<_>) = take(&mut together)
            .into_iter()
            .map(|one| (one.write, (one.operation, one.answer)))
            .unzip();
        match commit(&sessions, writes.into()).await {
            Ok(outcomes) => {
                for ((operation, answer), outcome) in askers.into_iter().zip(outcomes) {
                    let outcome = outcome
                        .map_err(|error| store_error(operation, classify::meaning(&error), error));
                    // A caller that stopped waiting retries, and gets a duplicate.
                    let _left = answer.send(outcome);
                }
            }
            Err(reason) => {
                for (operation, answer) in askers {
                    let _left = answer.send(Err(reason.to_error(operation)));
                }
            }
        }
    }
}

/// Why a whole transaction failed, for each of those who wait for it.
enum Reason {
    Session(Arc<StoreError>),
    Query(Meaning, Arc<Error>),
}

impl Reason {
    fn to_error(&self, operation: &'static str) -> StoreError {
        match self {
            Self::Session(error) => {
                StoreError::Unavailable { operation, source: Some(Box::new(Arc::clone(error))) }
            }
            Self::Query(Meaning::Wrong, error) => {
                StoreError::Failed { operation, source: Box::new(Arc::clone(error)) }
            }
            Self::Query(_, error) => {
                StoreError::Unavailable { operation, source: Some(Box::new(Arc::clone(error))) }
            }
        }
    }
}

/// Writes all of them in one transaction. A statement that fails is undone by itself and does not end the
/// transaction (SQLite, "ON CONFLICT clause: ABORT"); if SQLite ends the transaction by itself, as on a
/// full disk, the commit fails and so does every one of them.
async fn commit(
    sessions: &Sessions,
    writes: Arc<[Write]>,
) -> Result<Vec<QueryResult<usize>>, Reason> {
    let deadline = Instant::now() + WRITE;
    loop {
        let writes = Arc::clone(&writes);
        let write = |runtime: &Handle, conn: &mut Conn| {
            runtime.block_on(conn.spawn_blocking(move |conn| {
                conn.immediate_transaction(|conn| {
                    Ok::<_, Error>(writes.iter().map(|write| write.execute(conn)).collect())
                })
            }))
        };
        let done = sessions.on_thread(Role::Writer, "message.insert", deadline, write).await;
        let error = match done.map_err(|error| Reason::Session(Arc::new(error)))? {
            Ok(outcomes) => return Ok(outcomes),
            Err(error) => error,
        };
        let meaning = classify::meaning(&error);
        if meaning != Meaning::Busy || Instant::now() + PAUSE >= deadline {
            return Err(Reason::Query(meaning, Arc::new(error)));
        }
        sleep(PAUSE).await;
    }
}

impl Write {
    fn execute(&self, conn: &mut SqliteConnection) -> QueryResult<usize> {
        match self {
            // Nested, so that none is stored without the others.
            Self::Insert(new) => match conn.transaction(|conn| insert(conn, new)) {
                Err(Error::RollbackTransaction) => Ok(0),
                inserted => inserted,
            },
            Self::Progress(both) => match both.as_ref() {
                (row, None) => execute_one::<ProgressMessages>(conn, row),
                (row, Some(event)) => conn.transaction(|conn| {
                    let changed = execute_one::<ProgressMessages>(conn, row)?;
                    // The message may have been erased.
                    let (from_address, to_address) = messages::table
                        .find((&row.account_sid, &row.sid))
                        .select((messages::from_address, messages::to_address))
                        .first(conn)?;
                    let event = EventRow { from_address, to_address, ..event.clone() };
                    execute_event::<AddEvents>(conn, &event)?;
                    Ok(changed)
                }),
            },
        }
    }
}

/// Whether a conversation is stored. It may have been erased.
fn is_stored(conn: &mut SqliteConnection, conversation: &str) -> QueryResult<bool> {
    diesel::select(exists(conversations::table.find(conversation))).get_result(conn)
}

/// Inserts a message with what is stored with it, or nothing.
fn insert(conn: &mut SqliteConnection, new: &NewMessageRows) -> QueryResult<usize> {
    let inserted = execute_one::<InsertMessages>(conn, &new.message)?;
    if inserted == 0 {
        return Ok(0);
    }
    if let Some(conversation) = &new.conversation
        && execute_one::<AddConversations>(conn, conversation)? == 0
    {
        return Err(Error::RollbackTransaction);
    }
    if let Some(joined) = &new.joined
        && !is_stored(conn, joined)?
    {
        return Err(Error::RollbackTransaction);
    }
    execute_event::<AddEvents>(conn, &new.event)?;
    if let Some(delivery) = &new.delivery {
        execute_one::<AddQueues>(conn, &delivery.queue)?;
        execute_one::<AddDeliveries>(conn, &delivery.delivery)?;
    }
    Ok(inserted)
}
