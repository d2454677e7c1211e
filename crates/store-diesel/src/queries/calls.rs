//! The records of calls.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use async_trait::async_trait;
use diesel::sql_types::{BigInt, Nullable, SmallInt, Text};
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, OptionalExtension as _, QueryDsl as _,
    SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use futures_util::FutureExt as _;
use switchboard_domain::address::Address;
use switchboard_domain::authentication::VerifiedBy;
use switchboard_domain::call::{CallDecision, CallDirection, CallRecord, Disconnection};
use switchboard_domain::event::{Event, event_of_ended, event_of_started};
use switchboard_domain::identifier::{AgentId, OrganizationId};
use switchboard_domain::organization::Scope;
use switchboard_domain::plan::CallerFacts;
use switchboard_domain::ports::{CallStore, Page, StoreError};
use switchboard_domain::routing::Reason;
use switchboard_domain::sid::{AccountSid, CallSid};
use switchboard_domain::status::{CallProgress, CallStatus};
use switchboard_domain::time::Timestamp;

use super::dialect::{Conn, Db, Moment, Store, Ts};
use super::events::add_events;
use super::latest_of_contact::LatestOfContact;
use super::rule::{number, rule};
use super::schema::calls;
use super::upsert::execute;
use super::{covers, only};
use crate::decode::Row;
use crate::failure::Failure;
use crate::json;
use crate::unreadable::{readable_page, readable_rows, stored_page};

/// The new record's value of a column if a condition holds; otherwise the stored value.
macro_rules! taken_if {
    ($condition:literal: $($column:literal),+) => {
        concat!($($column, " = CASE WHEN ", $condition, " THEN excluded.", $column, " ELSE calls.", $column, " END, "),+)
    };
}

upserts! {
    /// A stored call.
    pub(crate) struct CallRow in calls {
        account_sid: String as Text,
        sid: String as Text,
        organization_id: String as Text,
        from_address: Option<String> as Nullable<Text>,
        to_address: Option<String> as Nullable<Text>,
        agent_id: Option<String> as Nullable<Text>,
        reason: Option<String> as Nullable<Text>,
        verified_by: Option<String> as Nullable<Text>,
        decided_at: Option<Moment> as Nullable<Ts>,
        status: Option<String> as Nullable<Text>,
        status_rank: Option<i16> as Nullable<SmallInt>,
        status_at: Option<Moment> as Nullable<Ts>,
        duration_seconds: Option<i64> as Nullable<BigInt>,
        connection_ended_at: Option<Moment> as Nullable<Ts>,
        connection_error: Option<i64> as Nullable<BigInt>,
        first_seen_at: Moment as Ts,
        plan_id: Option<String> as Nullable<Text>,
        plan_version: Option<i64> as Nullable<BigInt>,
        plan_rule: Option<i64> as Nullable<BigInt>,
        facts: Option<String> as Nullable<Text>,
        attempts: Option<String> as Nullable<Text>,
        simulated: i16 as SmallInt,
        direction: Option<String> as Nullable<Text>,
        session_opened_at: Option<Moment> as Nullable<Ts>,
    }

    /// Inserts calls, or merges them into the stored rows by the rule of `CallRecord::merge`. The laws of `CallStore`
    /// compare both for every order of events, so the two definitions cannot diverge.
    MergeCalls = concat!(
        "ON CONFLICT (account_sid, sid) DO UPDATE SET ",
        taken_if!("calls.from_address IS NULL": "from_address"),
        taken_if!("calls.to_address IS NULL": "to_address"),
        taken_if!("calls.direction IS NULL": "direction"),
        taken_if!(
            "calls.decided_at IS NULL OR excluded.decided_at < calls.decided_at":
            "agent_id", "reason", "verified_by", "decided_at", "plan_id", "plan_version", "plan_rule"
        ),
        taken_if!(
            "calls.status_rank IS NULL OR excluded.status_rank > calls.status_rank":
            "status", "status_rank", "status_at", "duration_seconds"
        ),
        taken_if!(
            "calls.connection_ended_at IS NULL OR excluded.connection_ended_at < calls.connection_ended_at":
            "connection_ended_at", "connection_error"
        ),
        taken_if!(
            "calls.session_opened_at IS NULL OR excluded.session_opened_at < calls.session_opened_at":
            "session_opened_at"
        ),
        taken_if!("calls.facts IS NULL": "facts"),
        "attempts = CASE WHEN excluded.attempts IS NULL THEN calls.attempts \
         WHEN calls.attempts IS NULL THEN excluded.attempts ELSE ",
        both_attempts!("calls.attempts", "excluded.attempts"),
        " END, ",
        "first_seen_at = CASE WHEN excluded.first_seen_at < calls.first_seen_at \
         THEN excluded.first_seen_at ELSE calls.first_seen_at END"
    );
}

impl TryFrom<&CallRecord> for CallRow {
    type Error = StoreError;

    fn try_from(record: &CallRecord) -> Result<Self, StoreError> {
        let decision = record.decision.as_ref();
        let rule = decision.and_then(|decision| decision.rule.as_ref());
        let progress = record.progress;
        Ok(Self {
            account_sid: record.account.as_str().to_owned(),
            sid: record.call.as_str().to_owned(),
            organization_id: record.organization.as_str().to_owned(),
            from_address: record.from.as_ref().map(Address::to_text),
            to_address: record.to.as_ref().map(Address::to_text),
            agent_id: decision
                .and_then(|decision| Some(decision.agent.as_ref()?.as_str().to_owned())),
            reason: decision.map(|decision| decision.reason.as_str().to_owned()),
            verified_by: decision.map(|decision| decision.verified_by.as_str().to_owned()),
            decided_at: decision.map(|decision| Moment(decision.at)),
            status: progress.map(|progress| progress.status.as_str().to_owned()),
            status_rank: progress.map(|progress| progress.status.rank()),
            status_at: progress.map(|progress| Moment(progress.at)),
            duration_seconds: progress
                .and_then(|progress| progress.duration_seconds.map(i64::from)),
            connection_ended_at: record.disconnection.map(|end| Moment(end.at)),
            connection_error: record.disconnection.and_then(|end| end.error_code.map(i64::from)),
            first_seen_at: Moment(record.first_seen_at),
            plan_id: rule.map(|rule| rule.plan.as_str().to_owned()),
            plan_version: rule.map(|rule| rule.version.into()),
            plan_rule: rule.and_then(|rule| rule.rule.map(i64::from)),
            facts: record.facts.as_ref().map(CallerFacts::to_text),
            attempts: json::write_attempts(&record.attempts)?,
            simulated: record.call.is_simulated().into(),
            direction: record.direction.map(|direction| direction.as_str().to_owned()),
            session_opened_at: record.session_opened_at.map(Moment),
        })
    }
}

impl TryFrom<CallRow> for CallRecord {
    type Error = StoreError;

    fn try_from(row: CallRow) -> Result<Self, StoreError> {
        let at = Row::new("calls", &row.sid);
        let number = |column, value| number(at, column, value);
        Ok(Self {
            account: at.read("account_sid", AccountSid::parse(&row.account_sid))?,
            call: at.read("sid", CallSid::parse(&row.sid))?,
            organization: at
                .read("organization_id", OrganizationId::parse(&row.organization_id))?,
            from: at.optional(
                "from_address",
                row.from_address.as_deref(),
                Address::parse_stored,
            )?,
            to: at.optional("to_address", row.to_address.as_deref(), Address::parse_stored)?,
            direction: match row.direction.as_deref() {
                Some(direction) => {
                    Some(at.word("direction", CallDirection::parse_stored(direction))?)
                }
                None => None,
            },
            decision: match row.decided_at {
                Some(decided) => Some(CallDecision {
                    rule: rule(at, row.plan_id.as_deref(), row.plan_version, row.plan_rule)?,
                    agent: at.optional("agent_id", row.agent_id.as_deref(), AgentId::parse)?,
                    reason: at.word("reason", row.reason.as_deref().and_then(Reason::parse))?,
                    verified_by: at.word(
                        "verified_by",
                        row.verified_by.as_deref().and_then(VerifiedBy::parse),
                    )?,
                    at: decided.0,
                }),
                None => None,
            },
            progress: match row.status.as_deref() {
                Some(status) => Some(CallProgress {
                    status: at.word("status", CallStatus::parse(status))?,
                    duration_seconds: number("duration_seconds", row.duration_seconds)?,
                    at: at.filled("status_at", row.status_at)?.0,
                }),
                None => None,
            },
            disconnection: match row.connection_ended_at {
                Some(ended) => Some(Disconnection {
                    error_code: number("connection_error", row.connection_error)?,
                    at: ended.0,
                }),
                None => None,
            },
            session_opened_at: row.session_opened_at.map(|opened| opened.0),
            facts: row.facts.as_deref().map(CallerFacts::parse),
            attempts: at
                .optional("attempts", row.attempts.as_deref(), json::read_attempts)?
                .unwrap_or_default(),
            first_seen_at: row.first_seen_at.0,
        })
    }
}

#[async_trait]
impl CallStore for Store {
    async fn record(&self, records: &[CallRecord]) -> Result<(), StoreError> {
        if records.is_empty() {
            return Ok(());
        }
        let reported = merged(records);
        let rows = reported.iter().map(CallRow::try_from).collect::<Result<Arc<[_]>, _>>()?;
        let started = reported.iter().filter_map(event_of_started).collect();
        let ended = reported.into_iter().filter(CallRecord::has_ended);
        let ended = ended.map(|call| (call.account, call.call)).collect();
        let batch = Batch { rows, started, ended };
        self.write("call.record", batch, |conn, batch| record(conn, batch).boxed()).await
    }

    async fn find(
        &self,
        scope: &Scope,
        account: AccountSid,
        call: CallSid,
    ) -> Result<Option<CallRecord>, StoreError> {
        let found = self
            .read("call.find", (account, call), |conn, (account, call)| {
                find(conn, *account, *call).boxed()
            })
            .await?;
        found
            .filter(|row| covers(scope, &row.organization_id))
            .map(CallRecord::try_from)
            .transpose()
    }

    async fn latest_of_contact(
        &self,
        organization: &OrganizationId,
        contact: &[Address],
        ours: &[Address],
        limit: u32,
    ) -> Result<Vec<CallRecord>, StoreError> {
        let wanted = LatestOfContact::new(organization, contact, ours, limit);
        let rows =
            self.read("call.latest", wanted, |conn, wanted| latest(conn, wanted).boxed()).await?;
        let mut calls = readable_rows(rows.into_iter().map(CallRecord::try_from))?;
        calls.reverse();
        Ok(calls)
    }

    async fn list(
        &self,
        scope: &Scope,
        page: &Page<(AccountSid, CallSid)>,
    ) -> Result<Vec<CallRecord>, StoreError> {
        readable_page(
            stored_page(page, |(account, sid)| {
                (account.as_str().to_owned(), sid.as_str().to_owned())
            }),
            |row: &CallRow| (row.account_sid.clone(), row.sid.clone()),
            CallRecord::try_from,
            |page| {
                self.read("call.list", (scope.clone(), page), |conn, (scope, page)| {
                    list(conn, scope, page).boxed()
                })
            },
        )
        .await
    }
}

/// Records of calls, to be merged into the stored ones.
struct Batch {
    rows: Arc<[CallRow]>,
    started: Vec<Event>,
    ended: Vec<(AccountSid, CallSid)>,
}

/// One record for each call, sorted by key: an upsert cannot change a row twice, and writers that lock rows in the same
/// order cannot deadlock.
fn merged(records: &[CallRecord]) -> Vec<CallRecord> {
    let mut merged: BTreeMap<(AccountSid, CallSid), CallRecord> = BTreeMap::new();
    for record in records {
        match merged.entry((record.account, record.call)) {
            Entry::Vacant(place) => {
                place.insert(record.clone());
            }
            Entry::Occupied(mut place) => {
                let known = place.get().clone();
                place.insert(known.merge(record.clone()));
            }
        }
    }
    merged.into_values().collect()
}

async fn record(conn: &mut Conn, batch: &Batch) -> Result<(), Failure> {
    execute::<MergeCalls>(conn, Arc::clone(&batch.rows)).await?;
    let mut happened = batch.started.clone();
    if !batch.ended.is_empty() {
        happened.extend(ends(conn, &batch.ended).await?);
    }
    add_events(conn, &happened).await
}

/// The ends of calls, with everything that is known about them. A status callback alone does not tell the agent, and the
/// addresses in it may have been erased.
async fn ends(conn: &mut Conn, ended: &[(AccountSid, CallSid)]) -> Result<Vec<Event>, Failure> {
    let accounts = ended.iter().map(|(account, _)| account.as_str());
    let calls = ended.iter().map(|(_, call)| call.as_str());
    let query = calls::table
        .filter(calls::account_sid.eq_any(accounts))
        .filter(calls::sid.eq_any(calls))
        .select(CallRow::as_select());
    let rows: Vec<CallRow> = query.load(conn).await?;
    let known = readable_rows(rows.into_iter().map(CallRecord::try_from))?;
    Ok(known.iter().filter_map(event_of_ended).collect())
}

async fn find(
    conn: &mut Conn,
    account: AccountSid,
    call: CallSid,
) -> Result<Option<CallRow>, Failure> {
    let query = calls::table.find((account.as_str(), call.as_str())).select(CallRow::as_select());
    Ok(query.first(conn).await.optional()?)
}

/// Reads the calls, newest first. Each address and direction is a query of its own, for which one index has the rows in their
/// order.
async fn latest(conn: &mut Conn, wanted: &LatestOfContact) -> Result<Vec<CallRow>, Failure> {
    let mut all: Vec<CallRow> = Vec::new();
    if wanted.ours.is_empty() {
        return Ok(all);
    }
    for address in &wanted.contact {
        let inbound = latest_from(&wanted.organization, address, &wanted.ours);
        all.extend(inbound.limit(wanted.limit.into()).load(conn).await?);
        let outbound = latest_to(&wanted.organization, address, &wanted.ours);
        all.extend(outbound.limit(wanted.limit.into()).load(conn).await?);
    }
    all.sort_by(|one, other| place(other).cmp(&place(one)));
    // A call from an address to itself is found in both directions.
    all.dedup_by(|one, other| place(one) == place(other));
    all.truncate(usize::try_from(wanted.limit).unwrap_or(usize::MAX));
    Ok(all)
}

fn place(row: &CallRow) -> (Timestamp, &str, &str) {
    (row.first_seen_at.0, &row.account_sid, &row.sid)
}

/// The calls from an address of a contact, newest first.
#[diesel::dsl::auto_type]
pub(crate) fn latest_from<'a>(organization: &'a str, contact: &'a str, ours: &'a [String]) -> _ {
    let selection: diesel::dsl::AsSelect<CallRow, Db> = CallRow::as_select();
    let dialed: &'a str = CallDirection::OutboundDial.as_str();
    calls::table
        .select(selection)
        .filter(calls::organization_id.eq(organization))
        .filter(calls::from_address.eq(contact))
        .filter(calls::to_address.eq_any(ours))
        .filter(calls::direction.is_null().or(calls::direction.ne(dialed)))
        .order((calls::first_seen_at.desc(), calls::account_sid.desc(), calls::sid.desc()))
}

/// The calls to an address of a contact, newest first.
#[diesel::dsl::auto_type]
pub(crate) fn latest_to<'a>(organization: &'a str, contact: &'a str, ours: &'a [String]) -> _ {
    let selection: diesel::dsl::AsSelect<CallRow, Db> = CallRow::as_select();
    let dialed: &'a str = CallDirection::OutboundDial.as_str();
    calls::table
        .select(selection)
        .filter(calls::organization_id.eq(organization))
        .filter(calls::to_address.eq(contact))
        .filter(calls::from_address.eq_any(ours))
        .filter(calls::direction.is_null().or(calls::direction.ne(dialed)))
        .order((calls::first_seen_at.desc(), calls::account_sid.desc(), calls::sid.desc()))
}

async fn list(
    conn: &mut Conn,
    scope: &Scope,
    page: &Page<(String, String)>,
) -> Result<Vec<CallRow>, Failure> {
    let after = page.after.as_ref().map(|(account, call)| (account.as_str(), call.as_str()));
    Ok(page_by_account!(conn, calls, CallRow, scope, after, page.limit.into()))
}
