//! Writing many rows: one prepared statement that takes each column as an array, so that its text, and
//! its plan, do not depend on how many rows there are.

use std::sync::Arc;

use diesel::QueryResult;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel_async::RunQueryDsl;

use super::dialect::Conn;
use crate::upsert_statements::insert_into;

/// How many rows one statement takes at most, so that none comes near the time that it may take.
pub(super) const CHUNK: usize = 5_000;

/// Follows the insertion of events: those of organizations with an enabled subscription wait to be distributed.
pub(super) const UNDISTRIBUTED: &str = " RETURNING position, organization_id), undistributed AS (\
    INSERT INTO undistributed_events (position) SELECT event.position FROM event \
    WHERE EXISTS (SELECT 1 FROM subscriptions \
    WHERE subscriptions.organization_id = event.organization_id AND subscriptions.disabled_at IS NULL))";

/// A row that can be written.
pub(crate) trait Columns: Send + Sync + Sized + 'static {
    /// The table that it belongs to.
    const TABLE: &'static str;
    /// The columns that it fills.
    const NAMES: &'static [&'static str];
    /// Many rows, column by column.
    type Arrays<'a>: Send + Sync;

    /// Turns rows into columns.
    fn arrays(rows: &[Self]) -> Self::Arrays<'_>;
    /// Hands over the columns, in the order of the names.
    fn bind<'b>(arrays: &'b Self::Arrays<'_>, out: AstPass<'_, 'b, Pg>) -> QueryResult<()>;
    /// Hands over the values of one row, in the order of the names. A column that `instead` knows gets that expression.
    fn bind_row<'b>(
        &'b self,
        out: AstPass<'_, 'b, Pg>,
        instead: fn(&str) -> Option<&'static str>,
    ) -> QueryResult<()>;
}

/// A statement that writes rows.
pub(crate) trait Upsert: 'static {
    /// What it writes.
    type Row: Columns;
    /// What follows the values.
    const ENDING: &'static str;
}

/// A statement with the rows that it writes.
struct Statement<'a, U: Upsert>(<U::Row as Columns>::Arrays<'a>);

/// Writes all rows, and returns how many were added or changed.
pub(crate) async fn execute<U: Upsert>(conn: &mut Conn, rows: Arc<[U::Row]>) -> QueryResult<usize> {
    let mut sum = 0;
    for chunk in rows.chunks(CHUNK) {
        sum += Statement::<U>(U::Row::arrays(chunk)).execute(conn).await?;
    }
    Ok(sum)
}

/// A statement that writes events.
struct Events<'a, E: Upsert>(<E::Row as Columns>::Arrays<'a>);

/// Writes events, in their order.
pub(crate) async fn execute_events<E: Upsert>(
    conn: &mut Conn,
    rows: Arc<[E::Row]>,
) -> QueryResult<()> {
    for chunk in rows.chunks(CHUNK) {
        Events::<E>(E::Row::arrays(chunk)).execute(conn).await?;
    }
    Ok(())
}

impl<E: Upsert> QueryId for Events<'_, E> {
    type QueryId = Events<'static, E>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<E: Upsert> QueryFragment<Pg> for Events<'_, E> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("WITH event AS (");
        insert_into(&mut out, E::Row::TABLE, E::Row::NAMES)?;
        out.push_sql("SELECT * FROM unnest(");
        E::Row::bind(&self.0, out.reborrow())?;
        out.push_sql(") ");
        out.push_sql(E::ENDING);
        out.push_sql(UNDISTRIBUTED);
        out.push_sql(" SELECT 1 FROM event");
        Ok(())
    }
}

impl<U: Upsert> QueryId for Statement<'_, U> {
    type QueryId = Statement<'static, U>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<U: Upsert> QueryFragment<Pg> for Statement<'_, U> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        insert_into(&mut out, U::Row::TABLE, U::Row::NAMES)?;
        out.push_sql("SELECT * FROM unnest(");
        U::Row::bind(&self.0, out.reborrow())?;
        out.push_sql(") ");
        out.push_sql(U::ENDING);
        Ok(())
    }
}

/// Makes a struct a row that can be written.
macro_rules! columns {
    ($Row:ident in $table:ident { $($column:ident: $Field:ty as $Sql:ty),+ $(,)? }) => {
        const _: () = {
            pub(crate) struct Arrays<'a> {
                $($column: Vec<&'a $Field>),+
            }

            impl $crate::postgres::upsert::Columns for $Row {
                const TABLE: &'static str = stringify!($table);
                const NAMES: &'static [&'static str] = &[$(stringify!($column)),+];
                type Arrays<'a> = Arrays<'a>;

                fn arrays(rows: &[Self]) -> Arrays<'_> {
                    Arrays { $($column: rows.iter().map(|row| &row.$column).collect()),+ }
                }

                fn bind<'b>(
                    arrays: &'b Arrays<'_>,
                    mut out: diesel::query_builder::AstPass<'_, 'b, diesel::pg::Pg>,
                ) -> diesel::QueryResult<()> {
                    let mut before = "";
                    $(
                        out.push_sql(std::mem::replace(&mut before, ", "));
                        out.push_bind_param::<diesel::sql_types::Array<$Sql>, _>(&arrays.$column)?;
                    )+
                    Ok(())
                }

                fn bind_row<'b>(
                    &'b self,
                    mut out: diesel::query_builder::AstPass<'_, 'b, diesel::pg::Pg>,
                    instead: fn(&str) -> Option<&'static str>,
                ) -> diesel::QueryResult<()> {
                    let mut before = "";
                    $(
                        out.push_sql(std::mem::replace(&mut before, ", "));
                        match instead(stringify!($column)) {
                            Some(expression) => out.push_sql(expression),
                            None => out.push_bind_param::<$Sql, _>(&self.$column)?,
                        }
                    )+
                    Ok(())
                }
            }
        };
    };
}

/// Declares the row of a table, and the statements that write such rows.
macro_rules! upserts {
    ($($row_and_statements:tt)+) => {
        upsert_statements! { postgres, diesel::pg::Pg; $($row_and_statements)+ }
    };
}
