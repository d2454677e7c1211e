//! Keeping messages: each is one statement. The server flushes those that come at the same time together.

use std::sync::Arc;

use futures_util::FutureExt as _;
use switchboard_domain::ports::StoreError;

use super::PostgresStore;
use super::dialect::Conn;
use super::queries::{KeepMessages, MessageRow, ProgressMessages};
use super::upsert::execute;
use crate::failure::Failure;

impl PostgresStore {
    /// Keeps a message; tells how many rows were added or filled in.
    pub(crate) async fn keep_row(
        &self,
        operation: &'static str,
        row: MessageRow,
    ) -> Result<usize, StoreError> {
        let rows: Arc<[MessageRow]> = [row].into();
        self.statement(operation, rows, |conn, rows| keep(conn, rows).boxed()).await
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

async fn keep(conn: &mut Conn, rows: &Arc<[MessageRow]>) -> Result<usize, Failure> {
    Ok(execute::<KeepMessages>(conn, Arc::clone(rows)).await?)
}

async fn progress(conn: &mut Conn, rows: &Arc<[MessageRow]>) -> Result<(), Failure> {
    execute::<ProgressMessages>(conn, Arc::clone(rows)).await?;
    Ok(())
}
