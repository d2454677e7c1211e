//! Messages, as operators look them up.

use async_trait::async_trait;
use diesel::dsl::sql;
use diesel::sql_types::{Bool, Text};
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, OptionalExtension as _, QueryDsl as _,
    SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use futures_util::FutureExt as _;
use switchboard_domain::history::{HistoryFilter, MessagePlace};
use switchboard_domain::message::MessageRecord;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{MessageHistory, Page, StoreError};
use switchboard_domain::sid::MessageSid;
use switchboard_domain::status::MessageStatus;
use switchboard_domain::time::Timestamp;

use super::dialect::{Conn, Db, Moment, Store, UNINDEXED};
use super::messages::MessageRow;
use super::newest::{Order, Owners, Party, account_of, merged, owners, parties};
use super::planned_anew::PlannedAnew;
use super::schema::{messages, organizations};
use crate::failure::Failure;
use crate::unreadable::{readable_page, stored_page};

/// The condition of the indexes by reason and state. MUST be part of a query that uses them.
const NOT_RECEIVED: &str = "(reason IS NOT NULL AND status <> 'received')";

#[async_trait]
impl MessageHistory for Store {
    async fn newest_messages(
        &self,
        scope: &Scope,
        filter: &HistoryFilter,
        page: &Page<MessagePlace>,
    ) -> Result<Vec<MessageRecord>, StoreError> {
        let list = ("message.newest", Order::NewestFirst);
        listed(self, list, (scope, filter), page).await
    }

    async fn oldest_messages(
        &self,
        scope: &Scope,
        filter: &HistoryFilter,
        page: &Page<MessagePlace>,
    ) -> Result<Vec<MessageRecord>, StoreError> {
        let list = ("message.oldest", Order::OldestFirst);
        listed(self, list, (scope, filter), page).await
    }

    async fn message_by_sid(
        &self,
        scope: &Scope,
        message: MessageSid,
    ) -> Result<Option<MessageRecord>, StoreError> {
        let wanted = (scope.clone(), message);
        let found = self
            .read("message.by_sid", wanted, |conn, (scope, message)| {
                by_sid(conn, scope, *message).boxed()
            })
            .await?;
        found.map(MessageRecord::try_from).transpose()
    }
}

fn place(row: &MessageRow) -> (Timestamp, String) {
    (row.first_seen_at.0, row.sid.clone())
}

/// One page of a list, which has a name and an order.
async fn listed(
    store: &Store,
    (name, order): (&'static str, Order),
    (scope, filter): (&Scope, &HistoryFilter),
    page: &Page<MessagePlace>,
) -> Result<Vec<MessageRecord>, StoreError> {
    readable_page(
        stored_page(page, |(at, sid)| (*at, sid.as_str().to_owned())),
        place,
        MessageRecord::try_from,
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
) -> Result<Vec<MessageRow>, Failure> {
    let mut rows: Vec<MessageRow> = Vec::new();
    for (owner, party) in parts!(conn, messages, scope, filter) {
        let query = messages_in(order, owner.as_deref(), filter, &party, page);
        rows.extend(query.load(conn).await?);
    }
    Ok(merged(rows, page.limit, place, order))
}

type Messages<'a> = diesel::dsl::IntoBoxed<
    'a,
    diesel::dsl::Select<messages::table, diesel::dsl::AsSelect<MessageRow, Db>>,
    Db,
>;

/// The messages of an organization, or of all, and of a party.
pub(crate) fn messages_in<'a>(
    order: Order,
    organization: Option<&'a str>,
    filter: &'a HistoryFilter,
    party: &'a Party,
    page: &'a Page<(Timestamp, String)>,
) -> PlannedAnew<Messages<'a>> {
    let mut is_led = false;
    let mut query = selected!(messages, organization, filter, party, is_led);
    if let (false, Some(status), Some(reason)) = (is_led, filter.status, filter.reason) {
        query = query.filter(leading!(reason, reason.as_str()));
        query = if status == MessageStatus::Received {
            // Nearly all messages with a reason are in this state, so the reason alone chooses the index.
            query.filter(sql::<Text>(&format!("{UNINDEXED}status")).eq(status.as_str()))
        } else {
            query.filter(leading!(status, status.as_str())).filter(sql::<Bool>(NOT_RECEIVED))
        };
        return ordered_page!(query, messages, (first_seen_at, sid), filter, page, order);
    }
    if let Some(status) = filter.status {
        equal!(query, is_led, messages, status, status.as_str().to_owned());
    }
    let query = with_reason!(query, messages, filter, is_led);
    ordered_page!(query, messages, (first_seen_at, sid), filter, page, order)
}

async fn by_sid(
    conn: &mut Conn,
    scope: &Scope,
    message: MessageSid,
) -> Result<Option<MessageRow>, Failure> {
    let account = account_of(conn, "messages", scope, message.as_str()).await?;
    let Some(account) = account else { return Ok(None) };
    let row = messages::table.find((&account, message.as_str())).select(MessageRow::as_select());
    Ok(row.first(conn).await.optional()?)
}
