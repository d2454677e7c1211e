//! The types and SQL fragments of SQLite that the queries use.

use std::future::{Ready, ready};

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::BigInt;
use diesel::sqlite::{Sqlite, SqliteConnection};
use diesel_async::sync_connection_wrapper::SyncConnectionWrapper;
use switchboard_domain::time::Timestamp;

use super::blocking::SameThread;
use crate::archive::Kind;
use crate::failure::Failure;

pub(crate) use super::SqliteStore as Store;

/// A connection.
pub(crate) type Conn = SyncConnectionWrapper<SqliteConnection, SameThread>;
/// The backend that queries are written for.
pub(crate) type Db = Sqlite;
/// The type of a stored instant: microseconds since the Unix epoch, which sort like numbers.
pub(crate) type Ts = BigInt;

/// Processes that share a file poll it.
pub(crate) fn notify_of_change(_conn: &mut Conn) -> Ready<Result<(), Failure>> {
    ready(Ok(()))
}

/// The current time, in SQL.
macro_rules! now {
    () => {
        "CAST(unixepoch('subsec') * 1000000 AS INTEGER)"
    };
}

/// One second, in SQL, to add to a time.
macro_rules! second {
    () => {
        "1000000"
    };
}

/// The current time, in SQL.
pub(crate) const NOW: &str = now!();
/// One second, in SQL, to add to a time.
pub(crate) const SECOND: &str = second!();
/// The only bound value of a statement in SQL.
pub(crate) const BOUND: &str = "?";
/// The agent of the last attempt of a call, in SQL; null if the last attempt is not an agent.
pub(crate) const LAST_AGENT: &str = " ->> '$[#-1].agent'";
/// The SQL condition that a migration was ever run.
pub(crate) const HAS_LEDGER: &str =
    "EXISTS (SELECT 1 FROM sqlite_schema WHERE name = '__diesel_schema_migrations')";
/// The SQL condition that a compatible migration was ever run.
pub(crate) const HAS_COMPATIBLE_LEDGER: &str =
    "EXISTS (SELECT 1 FROM sqlite_schema WHERE name = '__switchboard_compatible_migrations')";

/// The SQL prefix that prevents a condition from choosing the index, because SQLite has no statistics about rare values.
pub(crate) const UNINDEXED: &str = "+";
/// What encloses the SQL condition that chooses the index. Without statistics, SQLite estimates the rows of an organization within
/// a period as no more than those with this condition, and then reads the index by time.
pub(crate) const LEADING: [&str; 2] = ["likelihood(", ", 0.001)"];
/// The SQL function for the position of a text in another text, from 1.
pub(crate) const POSITION: &str = "instr";
/// Writes the write-ahead log to the file and empties it. `secure_delete` overwrites erased data in the file.
pub(crate) const OVERWRITE: &[&str] =
    &["PRAGMA wal_checkpoint(PASSIVE)", "PRAGMA wal_checkpoint(TRUNCATE)"];

/// The SQL function that makes a JSON object of names and values.
pub(crate) const JSON_OBJECT: &str = "json_object";
/// The elements of the bound JSON array, as rows with the column `value`.
pub(crate) const JSON_ROWS: &str = "json_each($1)";

/// The end of a query that locks its rows until the transaction ends. A writing transaction already locks the whole file.
pub(crate) const HELD: &str = "";

/// A column as a value of a JSON object.
pub(crate) fn archived(column: &str, kind: Kind) -> String {
    match kind {
        Kind::Text | Kind::Integer | Kind::Instant => column.to_owned(),
        Kind::Bytes => format!("lower(hex({column}))"),
    }
}

/// The value of a column in the JSON object `value`.
pub(crate) fn restored(column: &str, kind: Kind) -> String {
    let value = format!("json_extract(value, '$.{column}')");
    match kind {
        Kind::Text | Kind::Integer | Kind::Instant => value,
        Kind::Bytes => format!("unhex({value})"),
    }
}

/// Selects the rows that another query of the same table selects.
pub(crate) fn rows_of(table: &str, which: &str) -> String {
    format!("rowid IN (SELECT rowid FROM {table} WHERE {which})")
}

/// An instant, as stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = BigInt)]
pub(crate) struct Moment(pub(crate) Timestamp);

impl ToSql<BigInt, Sqlite> for Moment {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.micros());
        Ok(IsNull::No)
    }
}

impl FromSql<BigInt, Sqlite> for Moment {
    fn from_sql(value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let micros = <i64 as FromSql<BigInt, Sqlite>>::from_sql(value)?;
        Ok(Self(Timestamp::from_micros(micros)))
    }
}

/// A query that locks its rows until the transaction ends. A writing transaction already locks the whole file.
macro_rules! held {
    ($query:expr) => {
        $query
    };
}

/// A query that locks its rows until the transaction ends. A writing transaction already locks the whole file.
macro_rules! held_by_one {
    ($query:expr) => {
        $query
    };
}

/// A query that locks its rows until the transaction ends. A writing transaction already locks the whole file.
macro_rules! free {
    ($query:expr) => {
        $query
    };
}

/// Merges two stored lists of attempts: each attempt once, in order.
macro_rules! both_attempts {
    ($known:literal, $given:literal) => {
        concat!(
            "(SELECT json_group_array(json(attempt) \
             ORDER BY attempt ->> 'at', attempt ->> 'agent' NULLS LAST, attempt ->> 'action' NULLS LAST) \
             FROM (SELECT ",
            $known,
            " -> fullkey AS attempt FROM json_each(",
            $known,
            ") UNION SELECT ",
            $given,
            " -> fullkey FROM json_each(",
            $given,
            ")))"
        )
    };
}
