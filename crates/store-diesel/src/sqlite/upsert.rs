//! Writes many rows with one prepared statement, which runs for each row without leaving the thread.

use std::sync::Arc;

use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sqlite::{Sqlite, SqliteConnection};
use diesel::{QueryResult, RunQueryDsl};

use super::dialect::Conn;
use crate::upsert_statements::insert_into;

/// A row that can be written.
pub(crate) trait Columns: Send + Sync + 'static {
    /// The table of the row.
    const TABLE: &'static str;
    /// The columns that are written.
    const NAMES: &'static [&'static str];

    /// Returns the values, in the order of the columns.
    fn bind<'b>(&'b self, out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()>;
}

/// A statement that writes rows.
pub(crate) trait Upsert: 'static {
    /// The row that the statement writes.
    type Row: Columns;
    /// The end of the statement, after the values.
    const ENDING: &'static str;
}

/// A statement with its row.
struct Statement<'a, U: Upsert>(&'a U::Row);

/// Writes all rows, and returns how many were added or changed.
pub(crate) async fn execute<U: Upsert>(conn: &mut Conn, rows: Arc<[U::Row]>) -> QueryResult<usize> {
    conn.spawn_blocking(move |conn| {
        rows.iter().try_fold(0, |sum, row| Ok(sum + execute_one::<U>(conn, row)?))
    })
    .await
}

/// Writes one row, and returns whether it was added or changed.
pub(crate) fn execute_one<U: Upsert>(
    conn: &mut SqliteConnection,
    row: &U::Row,
) -> QueryResult<usize> {
    RunQueryDsl::execute(Statement::<U>(row), conn)
}

/// Follows the insertion of an event: if its organization has an enabled subscription, it waits to be distributed.
const UNDISTRIBUTED: &str = "INSERT INTO undistributed_events (position) SELECT position FROM events \
    WHERE position = last_insert_rowid() AND EXISTS (SELECT 1 FROM subscriptions \
    WHERE subscriptions.organization_id = events.organization_id AND subscriptions.disabled_at IS NULL)";

/// Writes events, in their order.
pub(crate) async fn execute_events<E: Upsert>(
    conn: &mut Conn,
    rows: Arc<[E::Row]>,
) -> QueryResult<()> {
    conn.spawn_blocking(move |conn| rows.iter().try_for_each(|row| execute_event::<E>(conn, row)))
        .await
}

/// Writes an event.
pub(crate) fn execute_event<E: Upsert>(
    conn: &mut SqliteConnection,
    row: &E::Row,
) -> QueryResult<()> {
    if execute_one::<E>(conn, row)? > 0 {
        RunQueryDsl::execute(Undistributed, conn)?;
    }
    Ok(())
}

/// The statement that follows the insertion of an event.
#[derive(QueryId)]
struct Undistributed;

impl RunQueryDsl<SqliteConnection> for Undistributed {}

impl QueryFragment<Sqlite> for Undistributed {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql(UNDISTRIBUTED);
        Ok(())
    }
}

impl<U: Upsert> QueryId for Statement<'_, U> {
    type QueryId = Statement<'static, U>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<U: Upsert> RunQueryDsl<SqliteConnection> for Statement<'_, U> {}

impl<U: Upsert> QueryFragment<Sqlite> for Statement<'_, U> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        insert_into(&mut out, U::Row::TABLE, U::Row::NAMES)?;
        out.push_sql("VALUES (");
        self.0.bind(out.reborrow())?;
        out.push_sql(") ");
        out.push_sql(U::ENDING);
        Ok(())
    }
}

/// Implements the row trait for a struct.
macro_rules! columns {
    ($Row:ident in $table:ident { $($column:ident: $Field:ty as $Sql:ty),+ $(,)? }) => {
        impl $crate::sqlite::upsert::Columns for $Row {
            const TABLE: &'static str = stringify!($table);
            const NAMES: &'static [&'static str] = &[$(stringify!($column)),+];

            fn bind<'b>(
                &'b self,
                mut out: diesel::query_builder::AstPass<'_, 'b, diesel::sqlite::Sqlite>,
            ) -> diesel::QueryResult<()> {
                let mut before = "";
                $(
                    out.push_sql(std::mem::replace(&mut before, ", "));
                    out.push_bind_param::<$Sql, $Field>(&self.$column)?;
                )+
                Ok(())
            }
        }
    };
}

/// Declares the row of a table, and the statements that write such rows.
macro_rules! upserts {
    ($($row_and_statements:tt)+) => {
        upsert_statements! { sqlite, diesel::sqlite::Sqlite; $($row_and_statements)+ }
    };
}
