//! Group commit: each message is one statement, and the server flushes concurrent ones together.

use std::sync::Arc;

use futures_util::FutureExt as _;
use switchboard_domain::ports::StoreError;

use super::PostgresStore;
use super::dialect::Conn;
use super::queries::{
    AddDeliveries, AddQueues, InsertMessages, MessageRow, NewDeliveryRows, ProgressMessages,
};
use super::upsert::execute;
use crate::failure::Failure;

impl PostgresStore {
    /// Inserts a message with its delivery; returns how many rows were added or filled in, which is none for a duplicate.
    pub(crate) async fn insert_row(
        &self,
        operation: &'static str,
        row: MessageRow,
        delivery: Option<NewDeliveryRows>,
    ) -> Result<usize, StoreError> {
        let rows: Arc<[MessageRow]> = [row].into();
        match delivery {
            None => self.statement(operation, rows, |conn, rows| insert(conn, rows).boxed()).await,
            Some(delivery) => {
                self.write(operation, (rows, delivery), |conn, (rows, delivery)| {
                    insert_with_delivery(conn, rows, delivery).boxed()
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
    ) -> Result<(), StoreError> {
        let rows: Arc<[MessageRow]> = [row].into();
        self.statement(operation, rows, |conn, rows| progress(conn, rows).boxed()).await
    }
}

async fn insert(conn: &mut Conn, rows: &Arc<[MessageRow]>) -> Result<usize, Failure> {
    Ok(execute::<InsertMessages>(conn, Arc::clone(rows)).await?)
}

/// The delivery of a duplicate is there already.
async fn insert_with_delivery(
    conn: &mut Conn,
    rows: &Arc<[MessageRow]>,
    delivery: &NewDeliveryRows,
) -> Result<usize, Failure> {
    let inserted = insert(conn, rows).await?;
    if inserted > 0 {
        execute::<AddQueues>(conn, [delivery.queue.clone()].into()).await?;
        execute::<AddDeliveries>(conn, [delivery.delivery.clone()].into()).await?;
    }
    Ok(inserted)
}

async fn progress(conn: &mut Conn, rows: &Arc<[MessageRow]>) -> Result<(), Failure> {
    execute::<ProgressMessages>(conn, Arc::clone(rows)).await?;
    Ok(())
}
