//! What changed, for those who keep a copy of it.

use async_trait::async_trait;
use diesel::{ExpressionMethods as _, JoinOnDsl as _, QueryDsl as _};
use diesel_async::RunQueryDsl as _;
use futures_util::FutureExt as _;
use switchboard_domain::identifier::AgentId;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::ports::{Change, ChangeStore, Changes, StoreError};

use super::dialect::{Conn, Store};
use super::schema::{change_counter, changes};
use crate::decode::Row;
use crate::failure::Failure;

/// How many changes the log holds. A reader that is further behind reads everything again.
const KEPT: i64 = 10_000;

/// Tells a change, in the transaction that makes it. It MUST be the last thing that the transaction does:
/// from here on every other one that changes something waits.
pub(super) async fn record(conn: &mut Conn, change: &Change) -> Result<(), Failure> {
    let version: i64 = diesel::update(change_counter::table)
        .set(change_counter::version.eq(change_counter::version + 1))
        .returning(change_counter::version)
        .get_result(conn)
        .await?;
    let (subject, key) = match change {
        Change::Accounts => ("accounts", None),
        Change::Agent(id) => ("agent", Some(id.as_str())),
        Change::Number(phone_number) => ("number", Some(phone_number.as_str())),
        Change::Everything => ("everything", None),
    };
    diesel::insert_into(changes::table)
        .values((changes::version.eq(version), changes::subject.eq(subject), changes::key.eq(key)))
        .execute(conn)
        .await?;
    diesel::delete(changes::table.filter(changes::version.le(version - KEPT)))
        .execute(conn)
        .await?;
    Ok(())
}

#[async_trait]
impl ChangeStore for Store {
    async fn version(&self) -> Result<u64, StoreError> {
        let version = self.read("change.version", (), |conn, ()| version(conn).boxed()).await?;
        unsigned(version)
    }

    async fn since(&self, version: u64) -> Result<Changes, StoreError> {
        let after = i64::try_from(version).unwrap_or(i64::MAX);
        let rows =
            self.read("change.since", after, |conn, after| since(conn, *after).boxed()).await?;
        changes_behind(after, rows)
    }
}

fn changes_behind(after: i64, rows: Vec<(i64, Option<ChangeRow>)>) -> Result<Changes, StoreError> {
    let mut now = 0;
    let mut reached = after;
    let mut changes = Vec::with_capacity(rows.len());
    for (counter, change) in rows {
        now = counter;
        let Some((version, subject, key)) = change else { break };
        if version != reached.saturating_add(1) {
            // Older changes were pruned in between.
            break;
        }
        reached = version;
        changes.push(change_of(&subject, key.as_deref()));
    }
    // The log does not reach back that far, or the version is of another database.
    if reached != now {
        changes = vec![Change::Everything];
    }
    Ok(Changes { version: unsigned(now)?, changes })
}

type ChangeRow = (i64, String, Option<String>);

async fn version(conn: &mut Conn) -> Result<i64, Failure> {
    Ok(change_counter::table.select(change_counter::version).first(conn).await?)
}

/// The counter and the changes behind a version in one query, and so as of one moment.
async fn since(conn: &mut Conn, after: i64) -> Result<Vec<(i64, Option<ChangeRow>)>, Failure> {
    use diesel::NullableExpressionMethods as _;

    let query = change_counter::table
        .left_join(changes::table.on(changes::version.gt(after)))
        .select((
            change_counter::version,
            (changes::version, changes::subject, changes::key).nullable(),
        ))
        .order(changes::version);
    Ok(query.load(conn).await?)
}

fn unsigned(version: i64) -> Result<u64, StoreError> {
    let key = version.to_string();
    Row::new("change_counter", &key).read("version", u64::try_from(version))
}

/// A change that cannot be understood, as a newer program may record one, can be of anything. It must not be an
/// error: that would keep every later change from being heard.
fn change_of(subject: &str, key: Option<&str>) -> Change {
    let change = match (subject, key) {
        ("accounts", _) => Some(Change::Accounts),
        ("agent", Some(key)) => AgentId::parse(key).ok().map(Change::Agent),
        ("number", Some(key)) => PhoneNumber::parse(key).ok().map(Change::Number),
        _ => None,
    };
    change.unwrap_or(Change::Everything)
}
