//! Changing many rows that are there: one prepared statement that is run for each of them, without leaving the
//! thread in between.

use std::sync::Arc;

use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sqlite::{Sqlite, SqliteConnection};
use diesel::{QueryResult, RunQueryDsl};

use super::dialect::Conn;
use super::upsert::Columns;

/// A statement that changes rows. Its texts call the row that it is given `given`.
pub(crate) trait Update: 'static {
    /// What it is given.
    type Row: Columns;
    /// What is set.
    const SET: &'static str;
    /// Which rows change.
    const WHERE: &'static str;
}

/// A statement with the row that it is given.
struct Statement<'a, U: Update>(&'a U::Row);

/// Changes all rows.
pub(crate) async fn execute<U: Update>(conn: &mut Conn, rows: Arc<[U::Row]>) -> QueryResult<()> {
    conn.spawn_blocking(move |conn| {
        for row in rows.iter() {
            RunQueryDsl::execute(Statement::<U>(row), conn)?;
        }
        Ok(())
    })
    .await
}

impl<U: Update> QueryId for Statement<'_, U> {
    type QueryId = Statement<'static, U>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<U: Update> RunQueryDsl<SqliteConnection> for Statement<'_, U> {}

impl<U: Update> QueryFragment<Sqlite> for Statement<'_, U> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql("WITH given (");
        let mut before = "";
        for name in U::Row::NAMES {
            out.push_sql(before);
            out.push_identifier(name)?;
            before = ", ";
        }
        out.push_sql(") AS (VALUES (");
        self.0.bind(out.reborrow())?;
        out.push_sql(")) UPDATE ");
        out.push_identifier(U::Row::TABLE)?;
        out.push_sql(" SET ");
        out.push_sql(U::SET);
        out.push_sql(" FROM given WHERE ");
        out.push_sql(U::WHERE);
        Ok(())
    }
}

/// Declares the parameters of a statement, and the statement, which changes existing rows.
macro_rules! updates {
    (
        $(#[$about_row:meta])*
        pub(crate) struct $Row:ident in $table:ident { $($column:ident: $Field:ty as $Sql:ty),+ $(,)? }
        $(#[$about:meta])*
        $Statement:ident = $set:expr, where $which:expr;
    ) => {
        $(#[$about_row])*
        pub(crate) struct $Row {
            $(pub(crate) $column: $Field),+
        }

        columns! { $Row in $table { $($column: $Field as $Sql),+ } }

        $(#[$about])*
        pub(crate) enum $Statement {}

        impl $crate::sqlite::update::Update for $Statement {
            type Row = $Row;
            const SET: &'static str = $set;
            const WHERE: &'static str = $which;
        }
    };
}
