//! The results of attempts.

use std::borrow::Cow;
use std::collections::HashMap;

use diesel::dsl::sql;
use diesel::sql_types::{BigInt, Nullable, Text};
use diesel::{
    ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use switchboard_domain::delivery::{
    AttemptOutcome, AttemptResult, Delivery, DeliveryState, DeliveryTarget, Next, SendState,
};
use switchboard_domain::event::{event_of_disabled_target, events_of_attempt};
use switchboard_domain::ports::Recorded;
use switchboard_domain::subscription::disabled_by;

use super::delivery_leases::{release, whole_seconds};
use super::delivery_rows::{DeliveryRow, NewDeliveryRows};
use super::dialect::{Conn, NOW, Ts};
use super::events::add_events;
use super::gone_targets::target_is_gone;
use super::messages::{MessageRow, ProgressMessages};
use super::outgoing_deliveries::{add, is_erased};
use super::schema::{deliveries, delivery_queues};
use super::subscriptions::disable_gone;
use super::{update, upsert};
use crate::failure::Failure;
use crate::json;
use crate::unreadable::readable_rows;

updates! {
    /// The result of an attempt, as stored.
    pub(crate) struct ResultRow in deliveries {
        id: String as Text,
        state: String as Text,
        attempts: String as Text,
        wait_seconds: i64 as BigInt,
        send_state: Option<String> as Nullable<Text>,
        sent_sid: Option<String> as Nullable<Text>,
    }

    /// Stores results.
    StoreResults = concat!(
        "state = given.state, attempts = given.attempts, due_at = ", now!(), " + ", second!(),
        " * given.wait_seconds, send_state = given.send_state, sent_sid = given.sent_sid"
    ), where "deliveries.id = given.id";
}

impl ResultRow {
    fn new(row: &DeliveryRow, result: &AttemptResult) -> Result<Self, Failure> {
        let is_confirmed = row.send_state.as_deref() == Some(SendState::Sent.as_str());
        let next = if is_confirmed { Next::Delivered } else { result.next };
        let (state, wait) = match next {
            Next::Delivered => (DeliveryState::Delivered, 0),
            Next::Dead => (DeliveryState::Dead, 0),
            Next::Canceled => (DeliveryState::Canceled, 0),
            Next::Retry(after) => (DeliveryState::Pending, whole_seconds(after)),
        };
        let (send_state, sent_sid) = if is_confirmed {
            (row.send_state.clone(), row.sent_sid.clone())
        } else {
            let sid = result.progress.and_then(|progress| progress.sid);
            let state = result.progress.map(|progress| progress.state.as_str().to_owned());
            (state, sid.map(|sid| sid.as_str().to_owned()))
        };
        Ok(Self {
            id: row.id.clone(),
            state: state.as_str().to_owned(),
            attempts: json::add_delivery_attempt(&row.attempts, &result.attempt)?,
            wait_seconds: wait,
            send_state,
            sent_sid,
        })
    }
}

pub(super) async fn record(
    conn: &mut Conn,
    holder: &str,
    results: &[AttemptResult],
) -> Result<Vec<Recorded>, Failure> {
    let mut attempted = attempted(conn, holder, results).await?;
    let mut recorded = vec![Recorded::LeaseLost; results.len()];
    let mut stored = Vec::with_capacity(results.len());
    for (place, result) in results.iter().enumerate() {
        if let Some(row) = attempted.remove(result.delivery.as_str()) {
            let is_foreign = is_foreign(conn, &row, result).await?;
            let result = if is_foreign {
                Cow::Owned(result.of_foreign_sid())
            } else {
                Cow::Borrowed(result)
            };
            stored.push((place, row, result));
        }
    }
    let rows = stored.iter().map(|(_, row, result)| ResultRow::new(row, result));
    let rows: Vec<_> = rows.collect::<Result<_, _>>()?;
    update::execute::<StoreResults>(conn, rows.into()).await?;
    let queues: Vec<_> = stored.iter().map(|(_, row, _)| &row.queue_id).collect();
    release(conn, &queues).await?;
    // Replies lock their queues in one order.
    stored.sort_by(|(_, row, _), (_, other, _)| row.queue_id.cmp(&other.queue_id));
    for (place, row, result) in stored {
        recorded[place] = add_consequences(conn, row, &result).await?;
    }
    Ok(recorded)
}

/// Whether another message of the account has the SID of a result.
async fn is_foreign(
    conn: &mut Conn,
    row: &DeliveryRow,
    result: &AttemptResult,
) -> Result<bool, Failure> {
    let Some(sid) = result.progress.and_then(|progress| progress.sid) else { return Ok(false) };
    let others = deliveries::table
        .filter(deliveries::account_sid.eq(&row.account_sid))
        .filter(deliveries::sent_sid.eq(sid.as_str()))
        .filter(deliveries::id.ne(&row.id))
        .select(deliveries::id);
    let other: Option<String> = others.first(conn).await.optional()?;
    Ok(other.is_some())
}

/// The deliveries of the results that the holder attempts, by their ids. Their queues are locked first, in one order; the
/// deliveries are read after that, because a message can be confirmed at the same time.
async fn attempted(
    conn: &mut Conn,
    holder: &str,
    results: &[AttemptResult],
) -> Result<HashMap<String, DeliveryRow>, Failure> {
    let ids = || results.iter().map(|result| result.delivery.as_str());
    let queues = deliveries::table.filter(deliveries::id.eq_any(ids()));
    let queues: Vec<String> = queues.select(deliveries::queue_id).load(conn).await?;
    let leased = delivery_queues::table
        .filter(delivery_queues::id.eq_any(queues))
        .filter(delivery_queues::holder.eq(holder))
        .filter(delivery_queues::due_at.gt(sql::<Nullable<Ts>>(NOW)))
        .order(delivery_queues::id)
        .select(delivery_queues::id);
    let leased: Vec<String> = held!(leased).load(conn).await?;
    let rows: Vec<DeliveryRow> = deliveries::table
        .filter(deliveries::id.eq_any(ids()))
        .filter(deliveries::queue_id.eq_any(leased))
        .filter(deliveries::state.eq(DeliveryState::Delivering.as_str()))
        .select(DeliveryRow::as_select())
        .load(conn)
        .await?;
    Ok(rows.into_iter().map(|row| (row.id.clone(), row)).collect())
}

/// Adds what follows from a result: the record of a sent message, events, a disabled target, and replies.
async fn add_consequences(
    conn: &mut Conn,
    row: DeliveryRow,
    result: &AttemptResult,
) -> Result<Recorded, Failure> {
    if let Some(sid) = result.progress.and_then(|progress| progress.sid) {
        let sent = MessageRow::of_sent(&row, sid, result.attempt.at);
        upsert::execute::<ProgressMessages>(conn, vec![sent].into()).await?;
    }
    if result.next != Next::Delivered || result.progress.is_some() {
        let before = readable_rows([Delivery::try_from(row.clone())])?;
        let happened = before.iter().flat_map(|before| events_of_attempt(before, result));
        add_events(conn, &happened.collect::<Vec<_>>()).await?;
    }
    if result.attempt.outcome == AttemptOutcome::Gone {
        let delivery = Delivery::try_from(row.clone())?;
        let at = result.attempt.at;
        let is_disabled = match disabled_by(&delivery, result) {
            Some((DeliveryTarget::Subscription(id), endpoint)) => {
                disable_gone(conn, id.as_str(), endpoint, at).await?
            }
            Some((DeliveryTarget::Agent(id), endpoint)) => {
                target_is_gone(conn, id.as_str(), endpoint, at).await?
            }
            Some((DeliveryTarget::Account(_), _)) | None => false,
        };
        if is_disabled {
            let happened = event_of_disabled_target(&delivery, result);
            add_events(conn, &happened.into_iter().collect::<Vec<_>>()).await?;
        }
    }
    add_replies(conn, row, result).await
}

/// Adds the replies of a result. Returns whether those that are offered stay so.
async fn add_replies(
    conn: &mut Conn,
    row: DeliveryRow,
    result: &AttemptResult,
) -> Result<Recorded, Failure> {
    if result.replies.is_empty() {
        return Ok(Recorded::Recorded);
    }
    if is_erased(conn, &row).await? {
        return Ok(Recorded::Queued);
    }
    let answered = Delivery::try_from(row)?;
    let new = result.reply_deliveries(&answered);
    let added = add(conn, new.map(|reply| NewDeliveryRows::of(&reply)).collect()).await?;
    Ok(if added.planned > 0 { Recorded::Queued } else { Recorded::Recorded })
}
