//! The change log: which records changed, for processes that cache them.

use async_trait::async_trait;
use diesel::{ExpressionMethods as _, JoinOnDsl as _, QueryDsl as _};
use diesel_async::RunQueryDsl as _;
use futures_util::FutureExt as _;
use switchboard_domain::identifier::AgentId;
use switchboard_domain::ports::{
    Change, ChangeNotice, ChangeStore, ChangeVersion, Changes, StoreError,
};
use switchboard_domain::sender::Sender;

use super::dialect::{Conn, Store, notify_of_change};
use super::schema::{change_counter, changes};
use crate::decode::Row;
use crate::failure::Failure;

/// The number of stored changes. A reader whose version is older reads everything again.
const MAX_CHANGES: i64 = 10_000;

/// Records a change in the transaction that makes it, and notifies other processes when it commits. It MUST be the last
/// statement of the transaction, because it locks the counter: from here on, every other transaction that records a change waits.
pub(super) async fn record(conn: &mut Conn, change: &Change) -> Result<(), Failure> {
    // Before the counter is locked, which others wait for.
    notify_of_change(conn).await?;
    let version: i64 = diesel::update(change_counter::table)
        .set(change_counter::version.eq(change_counter::version + 1))
        .returning(change_counter::version)
        .get_result(conn)
        .await?;
    let (subject, key) = match change {
        Change::Accounts => ("accounts", None),
        Change::Agent(id) => ("agent", Some(id.as_str())),
        Change::Number(sender) => ("number", Some(sender.as_str())),
        Change::Everything => ("everything", None),
    };
    diesel::insert_into(changes::table)
        .values((changes::version.eq(version), changes::subject.eq(subject), changes::key.eq(key)))
        .execute(conn)
        .await?;
    diesel::delete(changes::table.filter(changes::version.le(version - MAX_CHANGES)))
        .execute(conn)
        .await?;
    Ok(())
}

#[async_trait]
impl ChangeStore for Store {
    async fn version(&self) -> Result<ChangeVersion, StoreError> {
        let version = self.read("change.version", (), |conn, ()| version(conn).boxed()).await?;
        change_version(version)
    }

    async fn since(&self, version: ChangeVersion) -> Result<Changes, StoreError> {
        let after = i64::try_from(version.get()).unwrap_or(i64::MAX);
        let rows =
            self.read("change.since", after, |conn, after| since(conn, *after).boxed()).await?;
        changes_after(after, rows)
    }

    async fn recorded(&self) -> ChangeNotice {
        self.wait_for_change().await
    }
}

fn changes_after(after: i64, rows: Vec<(i64, Option<ChangeRow>)>) -> Result<Changes, StoreError> {
    let mut newest = 0;
    let mut reached = after;
    let mut changes = Vec::with_capacity(rows.len());
    for (counter, change) in rows {
        newest = counter;
        let Some((version, subject, key)) = change else { break };
        if version != reached.saturating_add(1) {
            // The log no longer contains the change after `reached`.
            break;
        }
        reached = version;
        changes.push(change_of(&subject, key.as_deref()));
    }
    // The log does not go back that far, or the version is from another database.
    if reached != newest {
        changes = vec![Change::Everything];
    }
    Ok(Changes { version: change_version(newest)?, changes })
}

type ChangeRow = (i64, String, Option<String>);

async fn version(conn: &mut Conn) -> Result<i64, Failure> {
    Ok(change_counter::table.select(change_counter::version).first(conn).await?)
}

/// The counter and the changes after a version, in one query so that both are from the same snapshot.
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

fn change_version(version: i64) -> Result<ChangeVersion, StoreError> {
    let key = version.to_string();
    Row::new("change_counter", &key).read("version", u64::try_from(version).map(ChangeVersion::new))
}

/// An unknown change, which a newer program may have recorded, is read as [`Change::Everything`]. It is not an error,
/// because no later change could be read then.
fn change_of(subject: &str, key: Option<&str>) -> Change {
    let change = match (subject, key) {
        ("accounts", _) => Some(Change::Accounts),
        ("agent", Some(key)) => AgentId::parse(key).ok().map(Change::Agent),
        ("number", Some(key)) => Sender::parse(key).ok().map(Change::Number),
        _ => None,
    };
    change.unwrap_or(Change::Everything)
}
