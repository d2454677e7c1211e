//! Distributes events to the subscriptions that receive them.

use std::collections::BTreeMap;

use diesel::{
    ExpressionMethods as _, JoinOnDsl as _, OptionalExtension as _, QueryDsl as _,
    SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use switchboard_domain::event::Event;
use switchboard_domain::subscription::Subscription;

use super::delivery_rows::{AddDeliveries, AddQueues, NewDeliveryRows, QueueRow};
use super::dialect::Conn;
use super::events::EventRow;
use super::schema::{events, subscriptions, undistributed_events};
use super::subscriptions::SubscriptionRow;
use super::upsert::execute;
use crate::failure::Failure;
use crate::unreadable::readable_rows;

pub(super) async fn any_undistributed(conn: &mut Conn) -> Result<bool, Failure> {
    let query = undistributed_events::table.select(undistributed_events::position);
    Ok(query.first::<i64>(conn).await.optional()?.is_some())
}

/// Rows that another process has locked are waited for, not skipped: otherwise the events about one subject could be taken by
/// two processes, and their deliveries change places.
pub(super) async fn distribute(conn: &mut Conn, limit: u32) -> Result<u32, Failure> {
    let waiting = undistributed_events::table
        .order(undistributed_events::position)
        .limit(limit.into())
        .select(undistributed_events::position);
    let waiting: Vec<i64> = held!(waiting).load(conn).await?;
    if waiting.is_empty() {
        return Ok(0);
    }
    let happened = undistributed_events::table
        .inner_join(events::table.on(events::position.eq(undistributed_events::position)))
        .filter(undistributed_events::position.eq_any(&waiting))
        .order(undistributed_events::position)
        .select(EventRow::as_select());
    let happened: Vec<EventRow> = happened.load(conn).await?;
    let happened: Vec<Event> = readable_rows(happened.into_iter().map(Event::try_from))?;
    add_deliveries(conn, &happened).await?;
    let taken = undistributed_events::table.filter(undistributed_events::position.eq_any(&waiting));
    diesel::delete(taken).execute(conn).await?;
    Ok(u32::try_from(waiting.len()).unwrap_or(u32::MAX))
}

async fn add_deliveries(conn: &mut Conn, happened: &[Event]) -> Result<(), Failure> {
    let organizations = happened.iter().map(|event| event.organization.as_str());
    let subscribed = subscriptions::table
        .filter(subscriptions::organization_id.eq_any(organizations))
        .filter(subscriptions::disabled_at.is_null())
        .order(subscriptions::id)
        .select(SubscriptionRow::as_select());
    let subscribed: Vec<SubscriptionRow> = subscribed.load(conn).await?;
    let subscribed = readable_rows(subscribed.into_iter().map(Subscription::try_from))?;
    let of_event = |event| subscribed.iter().filter_map(move |one| one.delivery(event));
    let new: Vec<_> =
        happened.iter().flat_map(of_event).map(|delivery| NewDeliveryRows::of(&delivery)).collect();
    // Each once, and locked in the same order everywhere.
    let queues: BTreeMap<String, QueueRow> =
        new.iter().map(|rows| (rows.queue.id.clone(), rows.queue.clone())).collect();
    execute::<AddQueues>(conn, queues.into_values().collect()).await?;
    execute::<AddDeliveries>(conn, new.into_iter().map(|rows| rows.delivery).collect()).await?;
    Ok(())
}
