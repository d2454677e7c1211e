//! Group commit: each message is one statement, and the server flushes concurrent ones together.

use std::sync::Arc;

use futures_util::FutureExt as _;
use switchboard_domain::ports::StoreError;

use super::PostgresStore;
use super::dialect::Conn;
use super::queries::{
    AddDeliveries, AddEvents, AddQueues, EventRow, InsertMessages, MessageRow, NewDeliveryRows,
    ProgressMessages,
};
use super::upsert::{execute, execute_with_delivery, execute_with_event};
use crate::failure::Failure;

/// A message and an event about it.
type Both = (MessageRow, EventRow);

impl PostgresStore {
    /// Inserts a message with its event and its delivery; returns how many rows were added or filled in, which is none for a
    /// duplicate.
    pub(crate) async fn insert_row(
        &self,
        operation: &'static str,
        row: MessageRow,
        event: EventRow,
        delivery: Option<NewDeliveryRows>,
    ) -> Result<usize, StoreError> {
        let both: Both = (row, event);
        match delivery {
            None => self.statement(operation, both, |conn, both| insert(conn, both).boxed()).await,
            Some(delivery) => {
                self.statement(operation, (both, delivery), |conn, (both, delivery)| {
                    insert_with_delivery(conn, both, delivery).boxed()
                })
                .await
            }
        }
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

async fn insert(conn: &mut Conn, (row, event): &Both) -> Result<usize, Failure> {
    Ok(execute_with_event::<InsertMessages, AddEvents>(conn, row, event).await?)
}

/// The delivery of a duplicate is there already.
async fn insert_with_delivery(
    conn: &mut Conn,
    (row, event): &Both,
    new: &NewDeliveryRows,
) -> Result<usize, Failure> {
    let inserted = execute_with_delivery::<InsertMessages, AddEvents, AddQueues, AddDeliveries>(
        conn,
        (row, event),
        (&new.queue, &new.delivery),
    );
    Ok(inserted.await?)
}

async fn progress(conn: &mut Conn, rows: &Arc<[MessageRow]>) -> Result<(), Failure> {
    execute::<ProgressMessages>(conn, Arc::clone(rows)).await?;
    Ok(())
}

async fn progress_with_event(conn: &mut Conn, (row, event): &Both) -> Result<(), Failure> {
    execute_with_event::<ProgressMessages, AddEvents>(conn, row, event).await?;
    Ok(())
}
