//! Writing many rows: one prepared statement that is run for each of them, without leaving the thread
//! in between.

use std::sync::Arc;

use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sqlite::{Sqlite, SqliteConnection};
use diesel::{QueryResult, RunQueryDsl};

use super::dialect::Conn;
use crate::upsert_statements::insert_into;

/// A row that can be written.
pub(crate) trait Columns: Send + Sync + 'static {
    /// The table that it belongs to.
    const TABLE: &'static str;
    /// The columns that it fills.
    const NAMES: &'static [&'static str];

    /// Hands over the values, in the order of the names.
    fn bind<'b>(&'b self, out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()>;
}

/// A statement that writes rows.
pub(crate) trait Upsert: 'static {
    /// What it writes.
    type Row: Columns;
    /// What follows the values.
    const ENDING: &'static str;
}

/// A statement with the row that it writes.
struct Statement<'a, U: Upsert>(&'a U::Row);

/// Writes all rows; tells how many were added or changed.
pub(crate) async fn execute<U: Upsert>(conn: &mut Conn, rows: Arc<[U::Row]>) -> QueryResult<usize> {
    conn.spawn_blocking(move |conn| {
        rows.iter().try_fold(0, |sum, row| Ok(sum + execute_one::<U>(conn, row)?))
    })
    .await
}

/// Writes one row; tells whether it was added or changed.
pub(crate) fn execute_one<U: Upsert>(
    conn: &mut SqliteConnection,
    row: &U::Row,
) -> QueryResult<usize> {
    RunQueryDsl::execute(Statement::<U>(row), conn)
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

/// Makes a struct a row that can be written.
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
