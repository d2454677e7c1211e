//! Records changes of the configuration in the audit log.

use std::collections::BTreeMap;

use diesel::sql_types::Text;
use diesel::{ExpressionMethods as _, QueryDsl as _, QueryableByName, sql_query};
use diesel_async::RunQueryDsl as _;
use switchboard_domain::audit::{
    Action, AuditEntry, AuditRecord, Author, ChainHash, Difference, FieldValue, ObjectKind,
    ObjectRef, Snapshot, difference,
};
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::ports::StoreError;
use switchboard_domain::time::Timestamp;

use super::audit::AuditRow;
use super::audit_schema::{audit, audit_head};
use super::dialect::{Conn, Db, HELD, JSON_OBJECT, archived};
use crate::archive::{Kind, Table, table};
use crate::decode::Row;
use crate::failure::Failure;
use crate::json;

/// Columns that change without anybody changing the configuration, or that say what the entry says.
const LEFT_OUT: [&str; 2] = ["created_at", "gone_at"];

/// Columns that an archive does not have, or has elsewhere.
const MORE: [(&str, &str); 2] = [("organizations", "plan_id"), ("accounts", "api_key_sid")];
/// Columns of which only a change is recorded: parameters and the URLs that were configured before can contain passwords.
const WITHHELD: [&str; 2] = ["adopted", "parameters"];
/// A withheld object without fields.
const EMPTY: &str = "{}";
/// Columns with URLs, whose queries can contain passwords.
const URLS: [&str; 8] = [
    "gone_target",
    "health_url",
    "message_target_value",
    "message_twilio",
    "message_webhook",
    "url",
    "voice_target_value",
    "voice_twilio",
];

#[derive(QueryableByName)]
struct StoredRow {
    #[diesel(sql_type = Text)]
    row: String,
}

/// A change of a row that is recorded when it is made.
pub(super) struct Audited {
    object: ObjectRef,
    table: &'static str,
    key: Vec<String>,
    before: Option<Snapshot>,
}

impl Audited {
    /// Reads the row before the change, and keeps others from changing it until the transaction ends.
    pub(super) async fn begin(conn: &mut Conn, object: ObjectRef) -> Result<Self, Failure> {
        let key = vec![object.id.clone()];
        Self::keyed(conn, object, key).await
    }

    /// The same for a row that is identified by its name in an organization.
    pub(super) async fn begin_in(
        conn: &mut Conn,
        object: ObjectRef,
        organization: &str,
    ) -> Result<Self, Failure> {
        let key = vec![organization.to_owned(), object.id.clone()];
        Self::keyed(conn, object, key).await
    }

    async fn keyed(conn: &mut Conn, object: ObjectRef, key: Vec<String>) -> Result<Self, Failure> {
        let table = table_of(object.kind);
        let before = snapshot(conn, table, &key).await?;
        Ok(Self { object, table, key, before })
    }

    /// Records what the change made of the row, if it made a difference. MUST come after all locks that the transaction takes, except that of
    /// [`changes::record`](super::changes::record): from here on, every other transaction that records an entry waits.
    pub(super) async fn end(
        self,
        conn: &mut Conn,
        author: &Author,
        action: Action,
    ) -> Result<(), Failure> {
        let after = snapshot(conn, self.table, &self.key).await?;
        let owner = match self.object.kind {
            ObjectKind::Organization => Some(self.object.id.clone()),
            _ => [&after, &self.before].into_iter().flatten().find_map(owner),
        };
        let what = (action, self.object);
        record(conn, author, owner.as_deref(), what, (self.before.as_ref(), after.as_ref())).await
    }
}

/// The table with the rows of a kind.
const fn table_of(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::Installation => "public_url",
        ObjectKind::Organization => "organizations",
        ObjectKind::Account => "accounts",
        ObjectKind::Agent => "agents",
        ObjectKind::Number => "numbers",
        ObjectKind::ApiKey => "api_keys",
        ObjectKind::Plan => "routing_plans",
        ObjectKind::Calendar => "calendars",
        ObjectKind::List => "number_lists",
        ObjectKind::Subscription => "subscriptions",
    }
}

fn owner(snapshot: &Snapshot) -> Option<String> {
    snapshot.text_of("organization_id").map(str::to_owned)
}

/// Records what a change made of an object, if it made a difference. MUST come as late as [`Audited::end`].
pub(super) async fn record(
    conn: &mut Conn,
    author: &Author,
    owner: Option<&str>,
    what: (Action, ObjectRef),
    (before, after): (Option<&Snapshot>, Option<&Snapshot>),
) -> Result<(), Failure> {
    match difference(before, after) {
        Some(difference) => append(conn, author, owner, what, difference).await,
        None => Ok(()),
    }
}

/// Adds an entry to the end of the chain.
async fn append(
    conn: &mut Conn,
    author: &Author,
    owner: Option<&str>,
    what: (Action, ObjectRef),
    difference: Difference,
) -> Result<(), Failure> {
    let owner = owner.map(OrganizationId::parse).transpose();
    let owner = Row::new("audit", &what.1.id).read("organization_id", owner)?;
    let record = AuditRecord::new(author, owner, what, difference);
    let head = held!(audit_head::table.select((audit_head::newest, audit_head::hash)));
    let (newest, hash): (i64, Vec<u8>) = head.first(conn).await?;
    let at = Row::new("audit_head", "1");
    let previous = at.word("hash", ChainHash::from_bytes(&hash))?;
    let sequence = at.read("newest", u64::try_from(newest))? + 1;
    let entry = AuditEntry::chained(sequence, record, previous);
    diesel::insert_into(audit::table).values(AuditRow::from(&entry)).execute(conn).await?;
    diesel::update(audit_head::table)
        .set((
            audit_head::newest.eq(newest + 1),
            audit_head::hash.eq(entry.hash.as_bytes().as_slice()),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// The row with this key, locked; `None` if there is none.
async fn snapshot(
    conn: &mut Conn,
    name: &'static str,
    key: &[String],
) -> Result<Option<Snapshot>, Failure> {
    let Some(table) = table(name) else { return Ok(None) };
    let mut query = sql_query(statement(table)).into_boxed::<Db>();
    for part in key {
        query = query.bind::<Text, _>(part.clone());
    }
    let found: Vec<StoredRow> = query.load(conn).await?;
    let Some(StoredRow { row }) = found.into_iter().next() else { return Ok(None) };
    let row = json::read_audit_fields(&row).map_err(|source| StoreError::Failed {
        operation: "audit.snapshot",
        source: Box::new(source),
    })?;
    Ok(Some(read(table, row)))
}

/// The query of a row by its key.
fn statement(table: &Table) -> String {
    let columns =
        columns(table).map(|(column, kind)| format!("'{column}', {}", archived(column, kind)));
    let is_key = (1..).zip(table.key).map(|(place, column)| format!("{column} = ${place}"));
    format!(
        "SELECT CAST({JSON_OBJECT}({}) AS text) AS row FROM {} WHERE {}{HELD}",
        columns.collect::<Vec<_>>().join(", "),
        table.name,
        is_key.collect::<Vec<_>>().join(" AND ")
    )
}

/// The columns that are compared.
fn columns(table: &Table) -> impl Iterator<Item = (&'static str, Kind)> {
    let secrets = table.secrets.iter().map(|column| (*column, Kind::Bytes));
    let shown = table.columns.iter().copied().filter(|(column, _)| !LEFT_OUT.contains(column));
    let more = MORE.iter().filter(|(name, _)| *name == table.name);
    shown.chain(more.map(|(_, column)| (*column, Kind::Text))).chain(secrets)
}

fn read(table: &Table, mut row: BTreeMap<String, FieldValue>) -> Snapshot {
    let mut snapshot = Snapshot::default();
    for (column, kind) in columns(table) {
        let value = row.remove(column).unwrap_or(FieldValue::Null);
        snapshot = match (kind, value) {
            // SQLite writes missing bytes as an empty text.
            (Kind::Bytes, FieldValue::Text(digits)) if !digits.is_empty() => {
                snapshot.secret(column, Some(digits.as_bytes()))
            }
            (Kind::Bytes, _) => snapshot,
            (_, FieldValue::Text(text)) if WITHHELD.contains(&column) => {
                let text = Some(text).filter(|text| text != EMPTY);
                snapshot.secret(column, text.as_deref().map(str::as_bytes))
            }
            (_, FieldValue::Null) if WITHHELD.contains(&column) => snapshot,
            (_, FieldValue::Text(text)) if URLS.contains(&column) => {
                snapshot.url(column, Some(&text))
            }
            (Kind::Instant, FieldValue::Integer(micros)) => {
                snapshot.instant(column, Some(Timestamp::from_micros(micros)))
            }
            (_, FieldValue::Text(text)) => snapshot.text(column, Some(&text)),
            (_, FieldValue::Integer(number)) => snapshot.integer(column, Some(number)),
            (_, FieldValue::Null) => snapshot.text(column, None),
        };
    }
    snapshot
}
