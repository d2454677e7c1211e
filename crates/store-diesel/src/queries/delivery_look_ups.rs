//! Deliveries, as use cases and operators look them up.

use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, OptionalExtension as _, QueryDsl as _,
    SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use switchboard_domain::delivery::EventLane;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{DeliveryFilter, Page};
use switchboard_domain::time::Timestamp;

use super::delivery_rows::StoredDelivery;
use super::dialect::{Conn, Db, Moment};
use super::only;
use super::schema::deliveries;
use crate::failure::Failure;

pub(super) async fn stored(conn: &mut Conn, id: &str) -> Result<Option<StoredDelivery>, Failure> {
    let query = deliveries::table.filter(deliveries::id.eq(id)).select(StoredDelivery::as_select());
    Ok(query.first(conn).await.optional()?)
}

/// The deliveries to agents of inbound messages, and the deliveries that sent outbound ones.
pub(super) async fn of_messages(
    conn: &mut Conn,
    account: &str,
    messages: &[String],
) -> Result<Vec<StoredDelivery>, Failure> {
    let received = deliveries::table
        .filter(deliveries::account_sid.eq(account))
        .filter(deliveries::message_sid.eq_any(messages))
        .filter(deliveries::send_state.is_null())
        .select(StoredDelivery::as_select());
    let mut found: Vec<StoredDelivery> = received.load(conn).await?;
    let sent = deliveries::table
        .filter(deliveries::account_sid.eq(account))
        .filter(deliveries::sent_sid.eq_any(messages))
        .select(StoredDelivery::as_select());
    found.extend(sent.load::<StoredDelivery>(conn).await?);
    Ok(found)
}

/// The deliveries of a queue that were added last, newest first.
pub(super) async fn latest_of_queue(
    conn: &mut Conn,
    queue: &str,
    limit: u32,
) -> Result<Vec<StoredDelivery>, Failure> {
    let query = deliveries::table
        .filter(deliveries::queue_id.eq(queue))
        .order(deliveries::position.desc())
        .limit(limit.into())
        .select(StoredDelivery::as_select());
    Ok(query.load(conn).await?)
}

pub(super) async fn by_key(
    conn: &mut Conn,
    organization: &str,
    key: &str,
) -> Result<Option<StoredDelivery>, Failure> {
    let query = deliveries::table
        .filter(deliveries::organization_id.eq(organization))
        .filter(deliveries::reply_key.eq(key))
        .filter(deliveries::message_sid.is_null())
        .select(StoredDelivery::as_select());
    Ok(query.first(conn).await.optional()?)
}

pub(super) async fn newest(
    conn: &mut Conn,
    scope: &Scope,
    filter: &DeliveryFilter,
    page: &Page<(Timestamp, String)>,
) -> Result<Vec<StoredDelivery>, Failure> {
    let mut query = deliveries::table.into_boxed::<Db>();
    if let Some(organization) = only(scope) {
        query = query.filter(deliveries::organization_id.eq(organization));
    }
    if let Some(state) = filter.state {
        query = query.filter(deliveries::state.eq(state.as_str()));
    }
    if let Some(agent) = &filter.agent {
        query = query.filter(deliveries::agent_id.eq(agent.as_str()));
    }
    if let Some(account) = filter.account {
        query = query.filter(deliveries::account_sid.eq(account.as_str().to_owned()));
    }
    if let Some(message) = filter.message {
        query = query.filter(deliveries::message_sid.eq(message.as_str().to_owned()));
    }
    if let Some(conversation) = &filter.conversation {
        let queues = ["in", "out"].map(|lane| format!("{conversation}/{lane}"));
        query = query.filter(deliveries::queue_id.eq_any(queues));
    }
    if let Some(subscription) = &filter.subscription {
        let queues = EventLane::all().map(|lane| format!("{subscription}/{}", lane.as_str()));
        query = query.filter(deliveries::queue_id.eq_any(queues));
    }
    let query = newest_page!(query, deliveries, (created_at, id), filter, page);
    Ok(query.load(conn).await?)
}
