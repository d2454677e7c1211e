//! Searches of recorded calls.

use async_trait::async_trait;
use diesel::dsl::sql;
use diesel::sql_types::Text;
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, OptionalExtension as _, QueryDsl as _,
    SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use futures_util::FutureExt as _;
use switchboard_domain::call::CallRecord;
use switchboard_domain::history::{CallPlace, HistoryFilter};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{CallHistory, Page, StoreError};
use switchboard_domain::sid::CallSid;
use switchboard_domain::time::Timestamp;

use super::calls::CallRow;
use super::dialect::{Conn, Db, Moment, Store, UNINDEXED};
use super::newest::{Order, Owners, Party, account_of, merged, owners, parties};
use super::planned_anew::PlannedAnew;
use super::schema::{calls, organizations};
use crate::failure::Failure;
use crate::unreadable::{readable_page, stored_page};

/// The outcome of a call as SQL. MUST equal the expression of the index by outcome, so that the index is used.
pub(super) const OUTCOME: &str = "(CASE WHEN attempts LIKE '%\"reject\"}]' THEN 'rejected' WHEN status = 'failed' THEN 'failed' WHEN status IN ('busy', 'no-answer', 'canceled') THEN 'unanswered' WHEN attempts IS NULL AND decided_at IS NOT NULL AND agent_id IS NULL THEN 'unanswered' WHEN attempts NOT LIKE '%\"}]' THEN 'unanswered' WHEN connection_ended_at IS NULL AND (status IS NULL OR status <> 'completed') THEN 'in_progress' WHEN attempts LIKE '%{%{%' THEN 'fell_back' WHEN connection_error IS NOT NULL THEN 'failed' ELSE 'answered' END)";

#[async_trait]
impl CallHistory for Store {
    async fn newest_calls(
        &self,
        scope: &Scope,
        filter: &HistoryFilter,
        page: &Page<CallPlace>,
    ) -> Result<Vec<CallRecord>, StoreError> {
        let list = ("call.newest", Order::NewestFirst);
        listed(self, list, (scope, filter), page).await
    }

    async fn oldest_calls(
        &self,
        scope: &Scope,
        filter: &HistoryFilter,
        page: &Page<CallPlace>,
    ) -> Result<Vec<CallRecord>, StoreError> {
        let list = ("call.oldest", Order::OldestFirst);
        listed(self, list, (scope, filter), page).await
    }

    async fn call_by_sid(
        &self,
        scope: &Scope,
        call: CallSid,
    ) -> Result<Option<CallRecord>, StoreError> {
        let wanted = (scope.clone(), call);
        let found = self
            .read("call.by_sid", wanted, |conn, (scope, call)| by_sid(conn, scope, *call).boxed())
            .await?;
        found.map(CallRecord::try_from).transpose()
    }
}

fn place(row: &CallRow) -> (Timestamp, String) {
    (row.first_seen_at.0, row.sid.clone())
}

/// One page of a list, which has a name and an order.
async fn listed(
    store: &Store,
    (name, order): (&'static str, Order),
    (scope, filter): (&Scope, &HistoryFilter),
    page: &Page<CallPlace>,
) -> Result<Vec<CallRecord>, StoreError> {
    readable_page(
        stored_page(page, |(at, sid)| (*at, sid.as_str().to_owned())),
        place,
        CallRecord::try_from,
        |page| {
            let wanted = (scope.clone(), filter.clone(), page, order);
            store.read(name, wanted, |conn, (scope, filter, page, order)| {
                rows(conn, scope, filter, page, *order).boxed()
            })
        },
    )
    .await
}

async fn rows(
    conn: &mut Conn,
    scope: &Scope,
    filter: &HistoryFilter,
    page: &Page<(Timestamp, String)>,
    order: Order,
) -> Result<Vec<CallRow>, Failure> {
    let mut rows: Vec<CallRow> = Vec::new();
    for (owner, party) in parts!(conn, calls, scope, filter) {
        let query = calls_in(order, owner.as_deref(), filter, &party, page);
        rows.extend(query.load(conn).await?);
    }
    Ok(merged(rows, page.limit, place, order))
}

type Calls<'a> = diesel::dsl::IntoBoxed<
    'a,
    diesel::dsl::Select<calls::table, diesel::dsl::AsSelect<CallRow, Db>>,
    Db,
>;

/// The calls of an organization, or of all, and of a party.
pub(crate) fn calls_in<'a>(
    order: Order,
    organization: Option<&'a str>,
    filter: &'a HistoryFilter,
    party: &'a Party,
    page: &'a Page<(Timestamp, String)>,
) -> PlannedAnew<Calls<'a>> {
    let mut is_led = false;
    let mut query = selected!(calls, organization, filter, party, is_led);
    if let Some(outcome) = filter.outcome {
        let text = if is_led { format!("{UNINDEXED}{OUTCOME}") } else { OUTCOME.to_owned() };
        query = query.filter(sql::<Text>(&text).eq(outcome.as_str()));
        is_led = true;
    }
    let query = with_reason!(query, calls, filter, is_led);
    ordered_page!(query, calls, (first_seen_at, sid), filter, page, order)
}

async fn by_sid(conn: &mut Conn, scope: &Scope, call: CallSid) -> Result<Option<CallRow>, Failure> {
    let account = account_of(conn, "calls", scope, call.as_str()).await?;
    let Some(account) = account else { return Ok(None) };
    let row = calls::table.find((&account, call.as_str())).select(CallRow::as_select());
    Ok(row.first(conn).await.optional()?)
}
