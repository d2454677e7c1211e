//! Which migrations the database has had.

use diesel::dsl::sql;
use diesel::sql_types::Bool;
use diesel::{QueryDsl as _, QueryResult};
use diesel_async::RunQueryDsl as _;

use super::dialect::{Conn, HAS_COMPATIBLE_LEDGER, HAS_LEDGER};
use crate::readiness::Applied;

diesel::table! {
    /// The ledger that `diesel_migrations` keeps.
    #[sql_name = "__diesel_schema_migrations"]
    ledger (version) {
        version -> Text,
    }
}

diesel::table! {
    /// The ledger of migrations that earlier programs tolerate.
    #[sql_name = "__switchboard_compatible_migrations"]
    compatible_migrations (version) {
        version -> Text,
    }
}

/// The versions of all migrations that the database has had, oldest first.
pub(crate) async fn applied_migrations(conn: &mut Conn) -> QueryResult<Applied> {
    if !diesel::select(sql::<Bool>(HAS_LEDGER)).get_result(conn).await? {
        return Ok(Applied::default());
    }
    let required = ledger::table.select(ledger::version).order(ledger::version).load(conn).await?;
    let compatible = if diesel::select(sql::<Bool>(HAS_COMPATIBLE_LEDGER)).get_result(conn).await? {
        let versions = compatible_migrations::table.select(compatible_migrations::version);
        versions.order(compatible_migrations::version).load(conn).await?
    } else {
        Vec::new()
    };
    Ok(Applied { required, compatible })
}
