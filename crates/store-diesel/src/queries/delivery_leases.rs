//! Leases of the queues of deliveries, by the clock of the database.

use std::time::Duration;

use diesel::dsl::sql;
use diesel::sql_types::{BigInt, Nullable, Text};
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, NullableExpressionMethods as _,
    OptionalExtension as _, QueryDsl as _, SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use switchboard_domain::delivery::{Busy, Delivery, DeliveryState, MAX_AGE_SECONDS};

use super::delivery_rows::DeliveryRow;
use super::dialect::{Conn, NOW, SECOND, Ts};
use super::schema::{deliveries, delivery_queues};
use crate::decode::has_unknown_word;
use crate::failure::Failure;
use crate::unreadable::readable_rows;

/// The position of the first delivery of a queue that is not final; null for an empty queue.
const HEAD: &str = "(SELECT min(d.position) FROM deliveries AS d \
    WHERE d.queue_id = delivery_queues.id AND d.state IN ('pending', 'delivering'))";
/// When the first delivery of a queue is due; null for an empty queue.
const HEAD_IS_DUE: &str = "(SELECT d.due_at FROM deliveries AS d WHERE d.queue_id = delivery_queues.id \
    AND d.state IN ('pending', 'delivering') ORDER BY d.position LIMIT 1)";
/// Seconds for which a delivery is left to processes of a newer release.
const LEFT_FOR_SECONDS: i64 = 5;
/// The time in that many seconds.
macro_rules! in_seconds {
    ($seconds:expr) => {
        sql::<Nullable<Ts>>(&format!("{NOW} + {SECOND} * ")).bind::<BigInt, _>($seconds)
    };
}

/// A duration, in whole seconds.
pub(super) fn whole_seconds(duration: Duration) -> i64 {
    u32::try_from(duration.as_secs()).unwrap_or(u32::MAX).into()
}

/// The stored names of what is busy.
#[derive(Clone)]
pub(super) struct BusyNames {
    targets: Vec<String>,
    organizations: Vec<String>,
}

impl BusyNames {
    pub(super) fn of(busy: &Busy) -> Self {
        let organizations = busy.organizations.iter().map(|id| id.as_str().to_owned());
        let targets = busy.targets.iter().map(|target| target.name().into_owned());
        Self { targets: targets.collect(), organizations: organizations.collect() }
    }
}

/// The queues that are due, without those of busy targets. A queue that has been due for too long is given up by a worker.
macro_rules! due {
    ($busy:expr) => {
        delivery_queues::table.filter(delivery_queues::due_at.le(sql::<Nullable<Ts>>(NOW))).filter(
            delivery_queues::target
                .ne_all(&$busy.targets)
                .and(delivery_queues::organization_id.ne_all(&$busy.organizations))
                .nullable()
                .or(delivery_queues::due_at.lt(in_seconds!(-MAX_AGE_SECONDS))),
        )
    };
}

/// The queues that a worker may claim next, those that have waited longest first.
macro_rules! claimable {
    ($busy:expr, $limit:expr) => {
        free!(
            due!($busy)
                .order(delivery_queues::due_at)
                .limit($limit.into())
                .select(delivery_queues::id)
        )
    };
}

/// The positions of the first deliveries of these queues. Postgres would join them with all deliveries by a hash table, as long as
/// it has no statistics, so the deliveries themselves are another query.
macro_rules! heads {
    ($queues:expr) => {
        delivery_queues::table
            .filter(delivery_queues::id.eq_any($queues))
            .select(sql::<Nullable<BigInt>>(HEAD))
    };
}

/// The deliveries at these positions.
macro_rules! deliveries_at {
    ($positions:expr) => {
        deliveries::table
            .filter(deliveries::position.eq_any($positions))
            .select(DeliveryRow::as_select())
    };
}

/// The end of the leases of these queues.
macro_rules! released {
    ($queues:expr) => {
        diesel::update(delivery_queues::table.filter(delivery_queues::id.eq_any($queues))).set((
            delivery_queues::holder.eq(None::<String>),
            delivery_queues::due_at.eq(sql::<Nullable<Ts>>(HEAD_IS_DUE)),
        ))
    };
}

/// The statements that claim the deliveries of one queue and give it back, to look at their plans.
#[cfg(test)]
pub(crate) fn claiming(busy: &Busy, limit: u32) -> [String; 4] {
    use diesel::debug_query;

    use super::dialect::Db;

    let (busy, queues) = (BusyNames::of(busy), ["queue"]);
    [
        debug_query::<Db, _>(&claimable!(busy, limit)).to_string(),
        debug_query::<Db, _>(&heads!(&queues)).to_string(),
        debug_query::<Db, _>(&deliveries_at!([1_i64])).to_string(),
        debug_query::<Db, _>(&released!(&queues)).to_string(),
    ]
}

pub(super) async fn any_due(conn: &mut Conn, busy: &BusyNames) -> Result<bool, Failure> {
    let due = due!(busy).select(delivery_queues::id);
    Ok(due.first::<String>(conn).await.optional()?.is_some())
}

pub(super) async fn claim(
    conn: &mut Conn,
    holder: &str,
    seconds: i64,
    limit: u32,
    busy: &BusyNames,
) -> Result<Vec<Delivery>, Failure> {
    let queues: Vec<String> = claimable!(busy, limit).load(conn).await?;
    if queues.is_empty() {
        return Ok(Vec::new());
    }
    diesel::update(delivery_queues::table.filter(delivery_queues::id.eq_any(&queues)))
        .set((delivery_queues::holder.eq(holder), delivery_queues::due_at.eq(in_seconds!(seconds))))
        .execute(conn)
        .await?;
    let positions: Vec<Option<i64>> = heads!(&queues).load(conn).await?;
    let positions = positions.into_iter().flatten();
    let heads: Vec<DeliveryRow> = deliveries_at!(positions).load(conn).await?;
    let mut unknown = Vec::new();
    let read = heads.iter().cloned().map(|head| {
        let id = head.id.clone();
        let read = Delivery::try_from(head);
        if read.as_ref().is_err_and(has_unknown_word) {
            unknown.push(id);
        }
        read
    });
    let read = readable_rows(read)?;
    let ids: Vec<_> = read.iter().map(|delivery| delivery.id.as_str()).collect();
    let is_read = |head: &&DeliveryRow| ids.contains(&head.id.as_str());
    let unreadable: Vec<_> =
        heads.iter().filter(|head| !is_read(head)).map(|head| &head.id).collect();
    if !unreadable.is_empty() {
        set_aside(conn, &unreadable, &unknown).await?;
    }
    let has_head = |id: &&String| heads.iter().filter(is_read).any(|head| head.queue_id == **id);
    let left: Vec<_> = queues.iter().filter(|id| !has_head(id)).collect();
    if !left.is_empty() {
        release(conn, &left).await?;
    }
    diesel::update(deliveries::table.filter(deliveries::id.eq_any(ids)))
        .set((
            deliveries::state.eq(DeliveryState::Delivering.as_str()),
            deliveries::send_state.eq(sql::<Nullable<Text>>(
                "CASE WHEN send_state IN ('planned', 'offered') THEN 'unknown' ELSE send_state END",
            )),
        ))
        .execute(conn)
        .await?;
    Ok(read)
}

/// Makes unreadable deliveries dead letters, so that those after them are delivered. One with a word of a newer release is
/// left to its processes, for as long as it is not too old.
async fn set_aside(
    conn: &mut Conn,
    unreadable: &[&String],
    unknown: &[String],
) -> Result<(), Failure> {
    let too_old = deliveries::created_at.lt(in_seconds!(-MAX_AGE_SECONDS).assume_not_null());
    diesel::update(deliveries::table.filter(deliveries::id.eq_any(unreadable)))
        .filter(deliveries::id.ne_all(unknown).or(too_old))
        .set(deliveries::state.eq(DeliveryState::Dead.as_str()))
        .execute(conn)
        .await?;
    diesel::update(deliveries::table.filter(deliveries::id.eq_any(unknown)))
        .set(deliveries::due_at.eq(in_seconds!(LEFT_FOR_SECONDS).assume_not_null()))
        .execute(conn)
        .await?;
    Ok(())
}

/// A queue that is locked is being released, and waiting for several locks could end in a deadlock.
pub(super) async fn renew(
    conn: &mut Conn,
    holder: &str,
    seconds: i64,
    ids: &[String],
) -> Result<Vec<String>, Failure> {
    let queues = deliveries::table
        .filter(deliveries::id.eq_any(ids))
        .select((deliveries::id, deliveries::queue_id));
    let queues: Vec<(String, String)> = queues.load(conn).await?;
    let leased = delivery_queues::table
        .filter(delivery_queues::id.eq_any(queues.iter().map(|(_, queue)| queue)))
        .filter(delivery_queues::holder.eq(holder))
        .select(delivery_queues::id);
    let leased: Vec<String> = free!(leased).load(conn).await?;
    diesel::update(delivery_queues::table.filter(delivery_queues::id.eq_any(&leased)))
        .set(delivery_queues::due_at.eq(in_seconds!(seconds)))
        .execute(conn)
        .await?;
    let is_leased = |(_, queue): &(String, String)| leased.contains(queue);
    Ok(queues.into_iter().filter(is_leased).map(|(id, _)| id).collect())
}

/// Ends the leases of queues: each is due when its first delivery is.
pub(super) async fn release(conn: &mut Conn, queues: &[&String]) -> Result<(), Failure> {
    released!(queues).execute(conn).await?;
    Ok(())
}

pub(super) async fn postpone(
    conn: &mut Conn,
    holder: &str,
    rows: &[(DeliveryRow, i64)],
) -> Result<(), Failure> {
    for (row, seconds) in rows {
        let leased = delivery_queues::table
            .find(&row.queue_id)
            .filter(delivery_queues::holder.eq(holder))
            .select(delivery_queues::id);
        let leased: Option<String> = held!(leased).first(conn).await.optional()?;
        if leased.is_none() {
            continue;
        }
        diesel::update(deliveries::table.filter(deliveries::id.eq(&row.id)))
            .set((
                deliveries::state.eq(DeliveryState::Pending.as_str()),
                deliveries::send_state.eq(&row.send_state),
                deliveries::due_at.eq(in_seconds!(*seconds).assume_not_null()),
            ))
            .execute(conn)
            .await?;
        release(conn, &[&row.queue_id]).await?;
    }
    Ok(())
}

/// A queue that a worker has leased is released by that worker.
pub(super) async fn release_unless_leased(conn: &mut Conn, queue: &str) -> Result<(), Failure> {
    diesel::update(delivery_queues::table.find(queue))
        .filter(delivery_queues::holder.is_null())
        .set(delivery_queues::due_at.eq(sql::<Nullable<Ts>>(HEAD_IS_DUE)))
        .execute(conn)
        .await?;
    Ok(())
}
