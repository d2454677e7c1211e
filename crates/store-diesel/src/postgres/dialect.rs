//! What the queries need to know of Postgres.

use diesel::backend::Backend;
use diesel::data_types::PgTimestamp;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::Pg;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Timestamptz;
use diesel_async::AsyncPgConnection;
use switchboard_domain::time::Timestamp;

pub(crate) use super::PostgresStore as Store;

/// A connection.
pub(crate) type Conn = AsyncPgConnection;
/// The backend that queries are written for.
pub(crate) type Db = Pg;
/// How an instant is kept.
pub(crate) type Ts = Timestamptz;

/// The time, read by a query.
pub(crate) const NOW: &str = "clock_timestamp()";
/// A second, as it is added to the time.
pub(crate) const SECOND: &str = "interval '1 second'";
/// The only bound value of a statement in SQL.
pub(crate) const BOUND: &str = "$1";
/// Which agent comes last where attempts are kept, if it is an agent.
pub(crate) const LAST_AGENT: &str = "::jsonb -> -1 ->> 'agent'";
/// Whether any migration was ever run.
pub(crate) const HAS_LEDGER: &str = "to_regclass('__diesel_schema_migrations') IS NOT NULL";
/// Whether any compatible migration was ever run.
pub(crate) const HAS_COMPATIBLE_LEDGER: &str =
    "to_regclass('__switchboard_compatible_migrations') IS NOT NULL";

/// What keeps a condition from choosing the index: nothing, because statistics tell which values are rare.
pub(crate) const UNINDEXED: &str = "";
/// A function that finds a text in another one; from 1.
pub(crate) const POSITION: &str = "strpos";
/// Frees the space of the versions of rows that were erased. They are in no dump; their bytes are overwritten when the space
/// is used again.
pub(crate) const OVERWRITE: &[&str] = &["VACUUM calls, messages, number_list_entries"];

/// Selects the rows of a table that another query of it selects.
pub(crate) fn rows_of(table: &str, which: &str) -> String {
    format!("ctid = ANY (ARRAY(SELECT ctid FROM {table} WHERE {which}))")
}

/// Midnight of 1 January 2000, from which Postgres counts, in microseconds since the Unix epoch.
const EPOCH: i64 = 946_684_800_000_000;

/// An instant as it is kept.
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

/// The attempts of two texts, each once and in their order.
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
