//! Events, which are written in the transactions of what happened.

use async_trait::async_trait;
use diesel::sql_types::{Nullable, Text};
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, OptionalExtension as _, QueryDsl as _,
    SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use futures_util::FutureExt as _;
use switchboard_domain::address::Address;
use switchboard_domain::event::{Event, EventKind};
use switchboard_domain::identifier::{EventId, OrganizationId};
use switchboard_domain::message::Direction;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{EventFilter, EventPlace, EventStore, Page, StoreError};
use switchboard_domain::sid::AccountSid;
use switchboard_domain::time::Timestamp;

use super::dialect::{Conn, Db, Moment, Store, Ts};
use super::newest::Order;
use super::schema::events;
use super::upsert::execute_events;
use super::{covers, only};
use crate::decode::Row;
use crate::failure::Failure;
use crate::json;
use crate::unreadable::{readable_page, stored_page};

upserts! {
    /// An event, as stored. Its position has a default value.
    pub(crate) struct EventRow in events {
        id: String as Text,
        organization_id: String as Text,
        kind: String as Text,
        at: Moment as Ts,
        account_sid: String as Text,
        subject: String as Text,
        direction: String as Text,
        from_address: Option<String> as Nullable<Text>,
        to_address: Option<String> as Nullable<Text>,
        data: String as Text,
        once_key: Option<String> as Nullable<Text>,
    }

    /// Adds events. One whose key is taken is not added.
    AddEvents = "ON CONFLICT DO NOTHING";
}

impl TryFrom<&Event> for EventRow {
    type Error = StoreError;

    fn try_from(event: &Event) -> Result<Self, StoreError> {
        Ok(Self {
            id: event.id.as_str().to_owned(),
            organization_id: event.organization.as_str().to_owned(),
            kind: event.kind.as_str().to_owned(),
            at: Moment(event.at),
            account_sid: event.account.as_str().to_owned(),
            subject: event.subject.clone(),
            direction: event.direction.as_str().to_owned(),
            from_address: event.from.as_ref().map(Address::to_text),
            to_address: event.to.as_ref().map(Address::to_text),
            data: json::write_event_data(&event.data)?,
            once_key: event.once_key.clone(),
        })
    }
}

impl TryFrom<EventRow> for Event {
    type Error = StoreError;

    fn try_from(row: EventRow) -> Result<Self, StoreError> {
        let at = Row::new("events", &row.id);
        let address = |column, text: &Option<String>| {
            at.optional(column, text.as_deref(), Address::parse_stored)
        };
        Ok(Self {
            id: at.read("id", EventId::parse(&row.id))?,
            organization: at
                .read("organization_id", OrganizationId::parse(&row.organization_id))?,
            kind: at.word("kind", EventKind::parse(&row.kind))?,
            at: row.at.0,
            account: at.read("account_sid", AccountSid::parse(&row.account_sid))?,
            direction: at.word("direction", Direction::parse(&row.direction))?,
            from: address("from_address", &row.from_address)?,
            to: address("to_address", &row.to_address)?,
            data: at.read("data", json::read_event_data(&row.data))?,
            subject: row.subject,
            once_key: row.once_key,
        })
    }
}

/// Adds events, in the order in which they happened.
pub(super) async fn add_events(conn: &mut Conn, happened: &[Event]) -> Result<(), Failure> {
    if happened.is_empty() {
        return Ok(());
    }
    let rows = happened.iter().map(EventRow::try_from).collect::<Result<Vec<_>, _>>()?;
    execute_events::<AddEvents>(conn, rows.into()).await?;
    Ok(())
}

#[async_trait]
impl EventStore for Store {
    async fn newest(
        &self,
        scope: &Scope,
        filter: &EventFilter,
        page: &Page<EventPlace>,
    ) -> Result<Vec<Event>, StoreError> {
        let list = ("event.newest", Order::NewestFirst);
        listed(self, list, (scope, filter), page).await
    }

    async fn oldest(
        &self,
        scope: &Scope,
        filter: &EventFilter,
        page: &Page<EventPlace>,
    ) -> Result<Vec<Event>, StoreError> {
        let list = ("event.oldest", Order::OldestFirst);
        listed(self, list, (scope, filter), page).await
    }

    async fn at(&self, scope: &Scope, place: &EventPlace) -> Result<Option<Event>, StoreError> {
        let found =
            self.read("event.at", place.clone(), |conn, place| at(conn, place).boxed()).await?;
        found.filter(|row| covers(scope, &row.organization_id)).map(Event::try_from).transpose()
    }
}

async fn at(conn: &mut Conn, (at, id): &EventPlace) -> Result<Option<EventRow>, Failure> {
    let query = events::table
        .filter(events::at.eq(Moment(*at)))
        .filter(events::id.eq(id.as_str()))
        .select(EventRow::as_select());
    Ok(query.first(conn).await.optional()?)
}

/// One page of a list, which has a name and an order.
async fn listed(
    store: &Store,
    (name, order): (&'static str, Order),
    (scope, filter): (&Scope, &EventFilter),
    page: &Page<EventPlace>,
) -> Result<Vec<Event>, StoreError> {
    readable_page(
        stored_page(page, |(at, id)| (*at, id.as_str().to_owned())),
        |row: &EventRow| (row.at.0, row.id.clone()),
        Event::try_from,
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
    filter: &EventFilter,
    page: &Page<(Timestamp, String)>,
    order: Order,
) -> Result<Vec<EventRow>, Failure> {
    let mut query = events::table.into_boxed::<Db>();
    if let Some(organization) = only(scope) {
        query = query.filter(events::organization_id.eq(organization));
    }
    if let Some(kinds) = &filter.kinds {
        let names: Vec<_> = kinds.iter().map(|kind| kind.as_str()).collect();
        query = query.filter(events::kind.eq_any(names));
    }
    if let Some(account) = filter.account {
        query = query.filter(events::account_sid.eq(account.as_str().to_owned()));
    }
    if let Some(subject) = &filter.subject {
        query = query.filter(events::subject.eq(subject));
    }
    let query = ordered_page!(query, events, (at, id), filter, page, order);
    Ok(query.load(conn).await?)
}
