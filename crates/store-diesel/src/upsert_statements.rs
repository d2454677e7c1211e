//! What the statements that write many rows have in common on both databases.

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::query_builder::AstPass;

/// Writes the beginning of a statement: `INSERT INTO` with the names of the table and its columns.
pub(crate) fn insert_into<DB: Backend>(
    out: &mut AstPass<'_, '_, DB>,
    table: &'static str,
    columns: &'static [&'static str],
) -> QueryResult<()> {
    out.push_sql("INSERT INTO ");
    out.push_identifier(table)?;
    let mut before = " (";
    for column in columns {
        out.push_sql(before);
        out.push_identifier(column)?;
        before = ", ";
    }
    out.push_sql(") ");
    Ok(())
}

/// Declares the row of a table, and the statements that write such rows: each is an `INSERT` with its own
/// ending.
macro_rules! upsert_statements {
    (
        $database:ident, $Backend:ty;
        $(#[$about_row:meta])*
        pub(crate) struct $Row:ident in $table:ident { $($column:ident: $Field:ty as $Sql:ty),+ $(,)? }
        $($(#[$about:meta])* $Statement:ident = $ending:expr;)+
    ) => {
        $(#[$about_row])*
        #[derive(Clone, diesel::Queryable, diesel::Selectable)]
        #[diesel(table_name = $table, check_for_backend($Backend))]
        pub(crate) struct $Row {
            $(pub(crate) $column: $Field),+
        }

        /// Shows no values, which include phone numbers and texts.
        impl std::fmt::Debug for $Row {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($Row)).finish_non_exhaustive()
            }
        }

        columns! { $Row in $table { $($column: $Field as $Sql),+ } }

        $(
            $(#[$about])*
            pub(crate) enum $Statement {}

            impl $crate::$database::upsert::Upsert for $Statement {
                type Row = $Row;
                const ENDING: &'static str = $ending;
            }
        )+
    };
}
