//! Changes many existing rows with one prepared statement, which takes each column as an array.

use std::sync::Arc;

use diesel::QueryResult;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel_async::RunQueryDsl;

use super::dialect::Conn;
use super::upsert::{CHUNK, Columns};

/// A statement that changes rows. Its texts call the rows that it is given `given`.
pub(crate) trait Update: 'static {
    /// What it is given.
    type Row: Columns;
    /// What is set.
    const SET: &'static str;
    /// Which rows change.
    const WHERE: &'static str;
}

/// A statement with the rows that it is given.
struct Statement<'a, U: Update>(<U::Row as Columns>::Arrays<'a>);

/// Changes all rows. No two of those given may be for the same one.
pub(crate) async fn execute<U: Update>(conn: &mut Conn, rows: Arc<[U::Row]>) -> QueryResult<()> {
    for chunk in rows.chunks(CHUNK) {
        Statement::<U>(U::Row::arrays(chunk)).execute(conn).await?;
    }
    Ok(())
}

impl<U: Update> QueryId for Statement<'_, U> {
    type QueryId = Statement<'static, U>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<U: Update> QueryFragment<Pg> for Statement<'_, U> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("UPDATE ");
        out.push_identifier(U::Row::TABLE)?;
        out.push_sql(" SET ");
        out.push_sql(U::SET);
        out.push_sql(" FROM unnest(");
        U::Row::bind(&self.0, out.reborrow())?;
        let mut before = ") AS given (";
        for name in U::Row::NAMES {
            out.push_sql(before);
            out.push_identifier(name)?;
            before = ", ";
        }
        out.push_sql(") WHERE ");
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

        impl $crate::postgres::update::Update for $Statement {
            type Row = $Row;
            const SET: &'static str = $set;
            const WHERE: &'static str = $which;
        }
    };
}
