//! Group commit: each message is one statement, and the server flushes concurrent ones together.

use std::sync::Arc;

use futures_util::FutureExt as _;
use switchboard_domain::ports::StoreError;

use super::PostgresStore;
use super::dialect::Conn;
use super::message_statements::{execute_insert, execute_with_event};
use super::queries::{EventRow, MessageRow, NewMessageRows, ProgressMessages};
use super::upsert::execute;
use crate::failure::Failure;

/// A message and an event about it.
type Both = (MessageRow, EventRow);

impl PostgresStore {
    /// Inserts a message with what is stored with it; returns how many messages were added or filled in, which is none for a
    /// duplicate, if the contact has another conversation than the one that the message begins, or if its conversation is
    /// not stored.
    pub(crate) async fn insert_row(
        &self,
        operation: &'static str,
        new: NewMessageRows,
    ) -> Result<usize, StoreError> {
        self.statement(operation, new, |conn, new| insert(conn, new).boxed()).await
    }

    /// Merges a status event.
    pub(crate) async fn progress_row(
        &self,
        operation: &'static str,
        row: MessageRow,
        event: Option<EventRow>,
    ) -> Result<(), StoreError> {
        match event {
            None => {
                let rows: Arc<[MessageRow]> = [row].into();
                self.statement(operation, rows, |conn, rows| progress(conn, rows).boxed()).await
            }
            Some(event) => {
                let both: Both = (row, event);
                self.statement(operation, both, |conn, both| {
                    progress_with_event(conn, both).boxed()
                })
                .await
            }
        }
    }
}

async fn insert(conn: &mut Conn, new: &NewMessageRows) -> Result<usize, Failure> {
    Ok(execute_insert(conn, new).await?)
}

async fn progress(conn: &mut Conn, rows: &Arc<[MessageRow]>) -> Result<(), Failure> {
    execute::<ProgressMessages>(conn, Arc::clone(rows)).await?;
    Ok(())
}

async fn progress_with_event(conn: &mut Conn, (row, event): &Both) -> Result<(), Failure> {
    execute_with_event::<ProgressMessages>(conn, row, event).await?;
    Ok(())
}
