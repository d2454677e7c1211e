//! Adds outgoing messages.

use diesel::dsl::sql;
use diesel::sql_types::{BigInt, Nullable};
use diesel::{ExpressionMethods as _, NullableExpressionMethods as _, QueryDsl as _};
use diesel_async::RunQueryDsl as _;
use switchboard_domain::delivery::SendState;

use super::delivery_leases::release_unless_leased;
use super::delivery_rows::{AddDeliveries, AddQueues, NewDeliveryRows};
use super::dialect::{Conn, NOW, SECOND, Ts};
use super::schema::deliveries;
use super::upsert::execute;
use crate::failure::Failure;

/// Seconds after which an offered reply is looked up at Twilio, if nothing is known about the answer that contains it.
const OFFER_SECONDS: i64 = 20;

/// Adds outgoing messages of one conversation. Returns how many are new.
pub(super) async fn add(conn: &mut Conn, new: Vec<NewDeliveryRows>) -> Result<usize, Failure> {
    let Some(queue) = new.iter().map(|rows| rows.queue.clone()).next() else { return Ok(0) };
    let queue_id = queue.id.clone();
    let ids: Vec<_> = new.iter().map(|rows| rows.delivery.id.clone()).collect();
    execute::<AddQueues>(conn, vec![queue].into()).await?;
    let rows: Vec<_> = new.into_iter().map(|rows| rows.delivery).collect();
    let added = execute::<AddDeliveries>(conn, rows.into()).await?;
    diesel::update(deliveries::table.filter(deliveries::id.eq_any(ids)))
        .filter(deliveries::send_state.eq(SendState::Offered.as_str()))
        .set(deliveries::due_at.eq(in_seconds!(OFFER_SECONDS).assume_not_null()))
        .execute(conn)
        .await?;
    release_unless_leased(conn, &queue_id).await?;
    Ok(added)
}
