//! Which migrations the database has had.

use diesel::dsl::sql;
use diesel::sql_types::Bool;
use diesel::{QueryDsl as _, QueryResult};
use diesel_async::RunQueryDsl as _;

use super::dialect::{Conn, HAS_LEDGER};

diesel::table! {
    /// The ledger that `diesel_migrations` keeps.
    #[sql_name = "__diesel_schema_migrations"]
    ledger (version) {
        version -> Text,
    }
}

/// The versions of all migrations that the database has had, oldest first.
pub(crate) async fn applied_migrations(conn: &mut Conn) -> QueryResult<Vec<String>> {
    if !diesel::select(sql::<Bool>(HAS_LEDGER)).get_result(conn).await? {
        return Ok(Vec::new());
    }
    ledger::table.select(ledger::version).order(ledger::version).load(conn).await
}
