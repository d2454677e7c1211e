//! The timelines of calls.

use std::sync::Arc;

use async_trait::async_trait;
use diesel::sql_types::{Nullable, Text};
use diesel::{ExpressionMethods as _, QueryDsl as _, SelectableHelper as _};
use diesel_async::RunQueryDsl as _;
use futures_util::FutureExt as _;
use switchboard_domain::call::{TimelineEntry, TimelineEvent};
use switchboard_domain::event::{Event, event_of_failed_attempt};
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{CallTimelineStore, StoreError};
use switchboard_domain::sid::{AccountSid, CallSid};

use super::covers;
use super::dialect::{Conn, Db, Moment, Store, Ts};
use super::events::add_events;
use super::schema::call_timeline;
use super::upsert::execute;
use crate::decode::{Row, UnknownWord};
use crate::failure::Failure;

upserts! {
    /// A stored entry.
    pub(crate) struct EntryRow in call_timeline {
        account_sid: String as Text,
        call_sid: String as Text,
        kind: String as Text,
        subject: String as Text,
        organization_id: String as Text,
        at: Moment as Ts,
        detail: Option<String> as Nullable<Text>,
    }

    /// Adds entries. An entry that exists stays as it is, because Twilio reported it before.
    AddEntries = "ON CONFLICT (account_sid, call_sid, kind, subject) DO NOTHING";
}

impl EntryRow {
    fn key(&self) -> (&str, &str, &str, &str) {
        (&self.account_sid, &self.call_sid, &self.kind, &self.subject)
    }
}

impl From<&TimelineEntry> for EntryRow {
    fn from(entry: &TimelineEntry) -> Self {
        Self {
            account_sid: entry.account.as_str().to_owned(),
            call_sid: entry.call.as_str().to_owned(),
            kind: entry.event.kind().to_owned(),
            subject: entry.event.subject(),
            organization_id: entry.organization.as_str().to_owned(),
            at: Moment(entry.at),
            detail: entry.event.detail(),
        }
    }
}

impl TryFrom<EntryRow> for TimelineEntry {
    type Error = StoreError;

    fn try_from(row: EntryRow) -> Result<Self, StoreError> {
        let at = Row::new("call_timeline", &row.call_sid);
        let event = TimelineEvent::parse(&row.kind, &row.subject, row.detail.as_deref());
        let event = match event {
            Ok(event) => event,
            Err(column) => return at.read(column, Err(UnknownWord)),
        };
        Ok(Self {
            account: at.read("account_sid", AccountSid::parse(&row.account_sid))?,
            call: at.read("call_sid", CallSid::parse(&row.call_sid))?,
            organization: at
                .read("organization_id", OrganizationId::parse(&row.organization_id))?,
            at: row.at.0,
            event,
        })
    }
}

#[async_trait]
impl CallTimelineStore for Store {
    async fn record(&self, entries: &[TimelineEntry]) -> Result<(), StoreError> {
        if entries.is_empty() {
            return Ok(());
        }
        let mut rows: Vec<EntryRow> = entries.iter().map(EntryRow::from).collect();
        // Writers that lock rows in the same order cannot deadlock. The sort is stable, so the first of several reports
        // stays the first.
        rows.sort_by(|one, two| one.key().cmp(&two.key()));
        rows.dedup_by(|later, first| later.key() == first.key());
        let happened = entries.iter().filter_map(event_of_failed_attempt).collect();
        let wanted: (Arc<[EntryRow]>, Vec<Event>) = (rows.into(), happened);
        self.write("timeline.record", wanted, |conn, (rows, happened)| {
            record(conn, rows, happened).boxed()
        })
        .await
    }

    async fn of_call(
        &self,
        scope: &Scope,
        account: AccountSid,
        call: CallSid,
    ) -> Result<Vec<TimelineEntry>, StoreError> {
        let rows = self
            .read("timeline.of_call", (account, call), |conn, (account, call)| {
                of_call(conn, *account, *call).boxed()
            })
            .await?;
        let rows = rows.into_iter().filter(|row| covers(scope, &row.organization_id));
        rows.map(TimelineEntry::try_from).collect()
    }
}

async fn record(
    conn: &mut Conn,
    rows: &Arc<[EntryRow]>,
    happened: &[Event],
) -> Result<(), Failure> {
    execute::<AddEntries>(conn, Arc::clone(rows)).await?;
    add_events(conn, happened).await
}

async fn of_call(
    conn: &mut Conn,
    account: AccountSid,
    call: CallSid,
) -> Result<Vec<EntryRow>, Failure> {
    let query = call_timeline::table
        .filter(call_timeline::account_sid.eq(account.as_str().to_owned()))
        .filter(call_timeline::call_sid.eq(call.as_str().to_owned()))
        .order((call_timeline::at, call_timeline::kind, call_timeline::subject))
        .select(EntryRow::as_select())
        .into_boxed::<Db>();
    Ok(query.load(conn).await?)
}
