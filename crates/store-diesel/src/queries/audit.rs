//! The audit log, as it is read.

use std::net::IpAddr;

use async_trait::async_trait;
use diesel::{
    ExpressionMethods as _, Insertable, QueryDsl as _, Queryable, Selectable, SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use futures_util::FutureExt as _;
use switchboard_domain::audit::{
    Action, Actor, ActorFilter, AuditEntry, AuditFilter, AuditRecord, ChainHash, ChainHead,
    ObjectKind, ObjectRef,
};
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{AuditStore, Page, StoreError};

use super::audit_schema::{audit, audit_head};
use super::dialect::{Conn, Db, Moment, Store};
use super::only;
use crate::decode::Row;
use crate::failure::Failure;
use crate::json;
use crate::unreadable::{readable_page, stored_page};

/// An entry, as stored.
#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = audit, check_for_backend(Db))]
pub(super) struct AuditRow {
    sequence: i64,
    at: Moment,
    actor_kind: String,
    actor_name: Option<String>,
    source: Option<String>,
    organization_id: Option<String>,
    action: String,
    object_kind: String,
    object_id: String,
    fields_before: String,
    fields_after: String,
    previous_hash: Vec<u8>,
    hash: Vec<u8>,
}

impl From<&AuditEntry> for AuditRow {
    fn from(entry: &AuditEntry) -> Self {
        let record = &entry.record;
        Self {
            sequence: stored(entry.sequence),
            at: Moment(record.at),
            actor_kind: record.actor.kind().to_owned(),
            actor_name: record.actor.name().map(str::to_owned),
            source: record.source.map(|source| source.to_string()),
            organization_id: record.organization.as_ref().map(ToString::to_string),
            action: record.action.as_str().to_owned(),
            object_kind: record.object.kind.as_str().to_owned(),
            object_id: record.object.id.clone(),
            fields_before: json::write_audit_fields(&record.before),
            fields_after: json::write_audit_fields(&record.after),
            previous_hash: entry.previous.as_bytes().to_vec(),
            hash: entry.hash.as_bytes().to_vec(),
        }
    }
}

impl TryFrom<AuditRow> for AuditEntry {
    type Error = StoreError;

    fn try_from(row: AuditRow) -> Result<Self, StoreError> {
        let key = row.sequence.to_string();
        let at = Row::new("audit", &key);
        let organization = row.organization_id.as_deref();
        let record = AuditRecord {
            at: row.at.0,
            actor: at.word("actor_kind", Actor::of(&row.actor_kind, row.actor_name.as_deref()))?,
            source: at.optional("source", row.source.as_deref(), str::parse::<IpAddr>)?,
            organization: at.optional("organization_id", organization, OrganizationId::parse)?,
            action: at.word("action", Action::parse(&row.action))?,
            object: ObjectRef {
                kind: at.word("object_kind", ObjectKind::parse(&row.object_kind))?,
                id: row.object_id,
            },
            before: at.read("fields_before", json::read_audit_fields(&row.fields_before))?,
            after: at.read("fields_after", json::read_audit_fields(&row.fields_after))?,
        };
        Ok(Self {
            sequence: at.read("sequence", u64::try_from(row.sequence))?,
            record,
            previous: at.word("previous_hash", ChainHash::from_bytes(&row.previous_hash))?,
            hash: at.word("hash", ChainHash::from_bytes(&row.hash))?,
        })
    }
}

/// Beyond the greatest number, there is nothing either.
fn stored(sequence: u64) -> i64 {
    i64::try_from(sequence).unwrap_or(i64::MAX)
}

#[async_trait]
impl AuditStore for Store {
    async fn newest(
        &self,
        scope: &Scope,
        filter: &AuditFilter,
        page: &Page<u64>,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        readable_page(
            stored_page(page, |sequence| stored(*sequence)),
            |row: &AuditRow| row.sequence,
            AuditEntry::try_from,
            |page| {
                let wanted = (scope.clone(), filter.clone(), page);
                self.read("audit.newest", wanted, |conn, (scope, filter, page)| {
                    newest(conn, scope, filter, page).boxed()
                })
            },
        )
        .await
    }

    async fn head(&self) -> Result<ChainHead, StoreError> {
        let (newest, hash, pruned) =
            self.read("audit.head", (), |conn, ()| head(conn).boxed()).await?;
        let at = Row::new("audit_head", "1");
        Ok(ChainHead {
            newest: at.read("newest", u64::try_from(newest))?,
            hash: at.word("hash", ChainHash::from_bytes(&hash))?,
            pruned: at.read("pruned", u64::try_from(pruned))?,
        })
    }

    async fn chain(&self, page: &Page<u64>) -> Result<Vec<AuditEntry>, StoreError> {
        let page = stored_page(page, |sequence| stored(*sequence));
        let rows = self.read("audit.chain", page, |conn, page| chain(conn, page).boxed()).await?;
        rows.into_iter().map(AuditEntry::try_from).collect()
    }
}

async fn newest(
    conn: &mut Conn,
    scope: &Scope,
    filter: &AuditFilter,
    page: &Page<i64>,
) -> Result<Vec<AuditRow>, Failure> {
    let mut query = audit::table
        .select(AuditRow::as_select())
        .order(audit::sequence.desc())
        .limit(page.limit.into())
        .into_boxed::<Db>();
    if let Some(organization) = only(scope) {
        query = query.filter(audit::organization_id.eq(organization));
    }
    if let Some(after) = page.after {
        query = query.filter(audit::sequence.lt(after));
    }
    if let Some(since) = filter.period.since {
        query = query.filter(audit::at.ge(Moment(since)));
    }
    if let Some(until) = filter.period.until {
        query = query.filter(audit::at.lt(Moment(until)));
    }
    if let Some(object) = &filter.object {
        query = query.filter(audit::object_id.eq(object));
    }
    if let Some(action) = filter.action {
        query = query.filter(audit::action.eq(action.as_str()));
    }
    match &filter.actor {
        None => {}
        Some(ActorFilter::Kind(kind)) => query = query.filter(audit::actor_kind.eq(*kind)),
        Some(ActorFilter::Key(id)) => {
            query = query.filter(audit::actor_kind.eq_any(["api_key", "operator_key"]));
            query = query.filter(audit::actor_name.eq(id.as_str()));
        }
        Some(ActorFilter::One(actor)) => {
            query = query.filter(audit::actor_kind.eq(actor.kind()));
            query = match actor.name() {
                Some(name) => query.filter(audit::actor_name.eq(name)),
                None => query.filter(audit::actor_name.is_null()),
            };
        }
    }
    Ok(query.load(conn).await?)
}

async fn head(conn: &mut Conn) -> Result<(i64, Vec<u8>, i64), Failure> {
    let columns = (audit_head::newest, audit_head::hash, audit_head::pruned);
    Ok(audit_head::table.select(columns).first(conn).await?)
}

async fn chain(conn: &mut Conn, page: &Page<i64>) -> Result<Vec<AuditRow>, Failure> {
    let mut query = audit::table
        .select(AuditRow::as_select())
        .order(audit::sequence)
        .limit(page.limit.into())
        .into_boxed::<Db>();
    if let Some(after) = page.after {
        query = query.filter(audit::sequence.gt(after));
    }
    Ok(query.load(conn).await?)
}
