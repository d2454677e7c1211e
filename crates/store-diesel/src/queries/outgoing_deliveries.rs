//! Adds outgoing messages.

use diesel::dsl::sql;
use diesel::sql_types::{BigInt, Nullable};
use diesel::{
    ExpressionMethods as _, NullableExpressionMethods as _, OptionalExtension as _, QueryDsl as _,
};
use diesel_async::RunQueryDsl as _;
use switchboard_domain::address::Address;
use switchboard_domain::delivery::{DeliveryState, MAX_ORDER_WAIT_SECONDS, SendState};

use super::delivery_leases::release_unless_leased;
use super::delivery_rows::{AddDeliveries, AddQueues, DeliveryRow, NewDeliveryRows};
use super::dialect::{Conn, NOW, SECOND, Ts};
use super::schema::{deliveries, messages};
use super::upsert::execute;
use crate::failure::Failure;

/// Seconds after which an offered reply is looked up at Twilio, if nothing is known about the answer that contains it.
const OFFER_SECONDS: i64 = 20;

/// What was added.
#[derive(Debug, Default)]
pub(super) struct Added {
    /// How many messages are new.
    pub(super) new: usize,
    /// How many of the offered ones are not offered, because an earlier one is still to be sent.
    pub(super) planned: usize,
}

/// Adds outgoing messages of one conversation.
pub(super) async fn add(conn: &mut Conn, new: Vec<NewDeliveryRows>) -> Result<Added, Failure> {
    let Some(queue) = new.iter().map(|rows| rows.queue.clone()).next() else {
        return Ok(Added::default());
    };
    let queue_id = queue.id.clone();
    let is_offered = |rows: &&NewDeliveryRows| {
        rows.delivery.send_state.as_deref() == Some(SendState::Offered.as_str())
    };
    let id = |rows: &NewDeliveryRows| rows.delivery.id.clone();
    let (all, offered): (Vec<_>, Vec<_>) =
        (new.iter().map(id).collect(), new.iter().filter(is_offered).map(id).collect());
    execute::<AddQueues>(conn, vec![queue].into()).await?;
    let rows: Vec<_> = new.into_iter().map(|rows| rows.delivery).collect();
    let new = execute::<AddDeliveries>(conn, rows.into()).await?;
    let planned =
        if offered.is_empty() { 0 } else { settle_order(conn, &queue_id, &all, &offered).await? };
    release_unless_leased(conn, &queue_id).await?;
    Ok(Added { new, planned })
}

/// Makes offered messages due after the time of the answer, or plans them if they have to wait for earlier ones, which are due
/// soon: a message that cannot be sent for hours holds up no answer. The queue is locked. Returns how many are not offered.
async fn settle_order(
    conn: &mut Conn,
    queue: &str,
    all: &[String],
    offered: &[String],
) -> Result<usize, Failure> {
    let open = [DeliveryState::Pending, DeliveryState::Delivering].map(DeliveryState::as_str);
    let earlier = deliveries::table
        .filter(deliveries::queue_id.eq(queue))
        .filter(deliveries::state.eq_any(open))
        .filter(deliveries::send_state.ne(SendState::Offered.as_str()))
        .filter(deliveries::due_at.le(in_seconds!(MAX_ORDER_WAIT_SECONDS).assume_not_null()))
        .filter(deliveries::id.ne_all(all))
        .select(deliveries::id);
    let earlier: Option<String> = earlier.first(conn).await.optional()?;
    let offered_ones = || deliveries::table.filter(deliveries::id.eq_any(offered));
    if earlier.is_some() {
        diesel::update(offered_ones())
            .set(deliveries::send_state.eq(SendState::Planned.as_str()))
            .execute(conn)
            .await?;
        return Ok(offered.len());
    }
    let added = diesel::update(offered_ones())
        .set(deliveries::due_at.eq(in_seconds!(OFFER_SECONDS).assume_not_null()))
        .execute(conn)
        .await?;
    Ok(offered.len() - added)
}

/// Whether the contact who wrote the answered message was erased meanwhile. The erasure, which changes the message first, waits
/// for this transaction, or this one for the erasure.
pub(super) async fn is_erased(conn: &mut Conn, reply: &DeliveryRow) -> Result<bool, Failure> {
    let Some(message) = &reply.message_sid else { return Ok(false) };
    let from = messages::table.find((&reply.account_sid, message)).select(messages::from_address);
    let from: Option<Option<String>> = held!(from).first(conn).await.optional()?;
    Ok(from.flatten().is_some_and(|from| from == Address::Erased.to_text()))
}
