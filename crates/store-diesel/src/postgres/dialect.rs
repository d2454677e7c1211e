//! The types and SQL fragments of Postgres that the queries use.

use diesel::backend::Backend;
use diesel::data_types::PgTimestamp;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::Pg;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Timestamptz;
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection as _};
use switchboard_domain::time::Timestamp;

use super::wake_ups::CHANGED;
use crate::archive::Kind;
use crate::failure::Failure;

pub(crate) use super::PostgresStore as Store;

/// A connection.
pub(crate) type Conn = AsyncPgConnection;
/// The backend that queries are written for.
pub(crate) type Db = Pg;
/// The type of a stored instant.
pub(crate) type Ts = Timestamptz;

/// Notifies every process that listens of a change, when the transaction commits. A transaction that notifies holds a lock of the
/// whole cluster while it commits, which the few changes of configuration can do.
pub(crate) async fn notify_of_change(conn: &mut Conn) -> Result<(), Failure> {
    conn.batch_execute(CHANGED).await?;
    Ok(())
}

/// The current time, in SQL.
macro_rules! now {
    () => {
        "clock_timestamp()"
    };
}

/// One second, in SQL, to add to a time.
macro_rules! second {
    () => {
        "interval '1 second'"
    };
}

/// The current time, in SQL.
pub(crate) const NOW: &str = now!();
/// One second, in SQL, to add to a time.
pub(crate) const SECOND: &str = second!();
/// The only bound value of a statement in SQL.
pub(crate) const BOUND: &str = "$1";
/// The agent of the last attempt of a call, in SQL; null if the last attempt is not an agent.
pub(crate) const LAST_AGENT: &str = "::jsonb -> -1 ->> 'agent'";
/// The SQL condition that a migration was ever run.
pub(crate) const HAS_LEDGER: &str = "to_regclass('__diesel_schema_migrations') IS NOT NULL";
/// The SQL condition that a compatible migration was ever run.
pub(crate) const HAS_COMPATIBLE_LEDGER: &str =
    "to_regclass('__switchboard_compatible_migrations') IS NOT NULL";

/// The SQL prefix that prevents a condition from choosing the index. Empty, because Postgres has statistics about rare
/// values.
pub(crate) const UNINDEXED: &str = "";
/// What encloses the SQL condition that chooses the index: nothing, because Postgres has statistics.
pub(crate) const LEADING: [&str; 2] = ["(", ")"];
/// The SQL function for the position of a text in another text, from 1.
pub(crate) const POSITION: &str = "strpos";
/// Frees the space of erased row versions. Dumps do not contain them, and their bytes are overwritten when the space is
/// reused.
pub(crate) const OVERWRITE: &[&str] = &["VACUUM calls, messages, events, number_list_entries"];

/// The SQL function that makes a JSON object of names and values.
pub(crate) const JSON_OBJECT: &str = "json_build_object";
/// The elements of the bound JSON array, as rows with the column `value`.
pub(crate) const JSON_ROWS: &str = "json_array_elements($1::json) AS elements (value)";

/// The end of a query that locks its rows until the transaction ends, but not against rows that refer to them.
pub(crate) const HELD: &str = " FOR NO KEY UPDATE";

/// A column as a value of a JSON object.
pub(crate) fn archived(column: &str, kind: Kind) -> String {
    match kind {
        Kind::Text | Kind::Integer => column.to_owned(),
        Kind::Instant => format!("(extract(epoch FROM {column}) * 1000000)::bigint"),
        Kind::Bytes => format!("encode({column}, 'hex')"),
    }
}

/// The value of a column in the JSON object `value`.
pub(crate) fn restored(column: &str, kind: Kind) -> String {
    let value = format!("value ->> '{column}'");
    match kind {
        Kind::Text => value,
        Kind::Integer => format!("({value})::bigint"),
        Kind::Instant => {
            format!("timestamptz 'epoch' + ({value})::bigint * interval '1 microsecond'")
        }
        Kind::Bytes => format!("decode({value}, 'hex')"),
    }
}

/// Selects the rows that another query of the same table selects.
pub(crate) fn rows_of(table: &str, which: &str) -> String {
    format!("ctid = ANY (ARRAY(SELECT ctid FROM {table} WHERE {which}))")
}

/// Midnight of 1 January 2000, from which Postgres counts, in microseconds since the Unix epoch.
const EPOCH: i64 = 946_684_800_000_000;

/// An instant, as stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Timestamptz)]
pub(crate) struct Moment(pub(crate) Timestamp);

impl ToSql<Timestamptz, Pg> for Moment {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        let since = PgTimestamp(self.0.micros().saturating_sub(EPOCH));
        ToSql::<Timestamptz, Pg>::to_sql(&since, &mut out.reborrow())
    }
}

impl FromSql<Timestamptz, Pg> for Moment {
    fn from_sql(value: <Pg as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let PgTimestamp(since) = FromSql::<Timestamptz, Pg>::from_sql(value)?;
        Ok(Self(Timestamp::from_micros(since.saturating_add(EPOCH))))
    }
}

/// A query that locks its rows until the transaction ends.
macro_rules! held {
    ($query:expr) => {
        $query.for_update()
    };
}

/// A query that locks its rows until the transaction ends, against those who lock them so too, but not against rows that refer to
/// them.
macro_rules! held_by_one {
    ($query:expr) => {
        $query.for_no_key_update()
    };
}

/// A query that locks its rows until the transaction ends, and leaves out those that others have locked.
macro_rules! free {
    ($query:expr) => {
        $query.for_update().skip_locked()
    };
}

/// Merges two stored lists of attempts: each attempt once, in order.
macro_rules! both_attempts {
    ($known:literal, $given:literal) => {
        concat!(
            "(SELECT jsonb_agg(attempt \
             ORDER BY attempt -> 'at', attempt -> 'agent' NULLS LAST, attempt -> 'action' NULLS LAST)::text \
             FROM (SELECT jsonb_array_elements(",
            $known,
            "::jsonb) AS attempt UNION SELECT jsonb_array_elements(",
            $given,
            "::jsonb)) AS attempts)"
        )
    };
}
