//! Deletion of old records.

use async_trait::async_trait;
use diesel::dsl::{exists, not};
use diesel::sql_query;
use diesel::sql_types::BigInt;
use diesel::{ExpressionMethods as _, QueryDsl as _};
use diesel_async::RunQueryDsl as _;
use futures_util::FutureExt as _;
use switchboard_domain::delivery::DeliveryState;
use switchboard_domain::ports::{RetentionStore, StoreError};
use switchboard_domain::retention::RecordKind;
use switchboard_domain::time::Timestamp;

use super::dialect::{Conn, Moment, Store, Ts, rows_of};
use super::jobs_schema::jobs;
use super::schema::{calls, deliveries, delivery_queues, events, messages, rejections};
use super::{audit_retention, contact_links};
use crate::failure::Failure;

#[async_trait]
impl RetentionStore for Store {
    async fn count_older(&self, kind: RecordKind, before: Timestamp) -> Result<u64, StoreError> {
        let count = self
            .read_long("retention.count", (kind, before), |conn, (kind, before)| {
                count(conn, *kind, Moment(*before)).boxed()
            })
            .await?;
        Ok(u64::try_from(count).unwrap_or_default())
    }

    async fn delete_older(
        &self,
        kind: RecordKind,
        before: Timestamp,
        limit: u32,
    ) -> Result<u32, StoreError> {
        let wanted = (kind, before, i64::from(limit));
        let deleted = self
            .write("retention.delete", wanted, |conn, (kind, before, limit)| {
                delete(conn, *kind, Moment(*before), *limit).boxed()
            })
            .await?;
        Ok(u32::try_from(deleted).unwrap_or(u32::MAX))
    }
}

async fn count(conn: &mut Conn, kind: RecordKind, before: Moment) -> Result<i64, Failure> {
    Ok(match kind {
        RecordKind::Calls => {
            let older = calls::table.filter(calls::first_seen_at.lt(before));
            older.count().get_result(conn).await?
        }
        RecordKind::Messages => {
            let older = messages::table.filter(messages::first_seen_at.lt(before));
            older.count().get_result(conn).await?
        }
        RecordKind::Rejections => {
            let older = rejections::table.filter(rejections::at.lt(before));
            older.count().get_result(conn).await?
        }
        RecordKind::Deliveries => {
            let older = deliveries::table.filter(deliveries::created_at.lt(before));
            let open = [DeliveryState::Pending, DeliveryState::Delivering];
            let older = older.filter(deliveries::state.ne_all(open.map(DeliveryState::as_str)));
            older.count().get_result(conn).await?
        }
        RecordKind::Events => {
            events::table.filter(events::at.lt(before)).count().get_result(conn).await?
        }
        RecordKind::Jobs => {
            jobs::table.filter(jobs::finished_at.lt(before)).count().get_result(conn).await?
        }
        RecordKind::Audit => audit_retention::count_older(conn, before).await?,
    })
}

async fn delete(
    conn: &mut Conn,
    kind: RecordKind,
    before: Moment,
    limit: i64,
) -> Result<usize, Failure> {
    let (table, at) = match kind {
        RecordKind::Audit => return audit_retention::delete_older(conn, before, limit).await,
        RecordKind::Calls => {
            delete_timelines(conn, before, limit).await?;
            ("calls", "first_seen_at")
        }
        RecordKind::Messages => {
            contact_links::delete_older(conn, before, limit).await?;
            ("messages", "first_seen_at")
        }
        RecordKind::Rejections => ("rejections", "at"),
        RecordKind::Deliveries => ("deliveries", "created_at"),
        RecordKind::Events => ("events", "at"),
        // Only those that have ended have it.
        RecordKind::Jobs => ("jobs", "finished_at"),
    };
    let and_final = match kind {
        RecordKind::Deliveries => "AND state NOT IN ('pending', 'delivering') ",
        RecordKind::Calls
        | RecordKind::Messages
        | RecordKind::Rejections
        | RecordKind::Events
        | RecordKind::Jobs
        | RecordKind::Audit => "",
    };
    let queues = match kind {
        RecordKind::Deliveries => queues_of_oldest(conn, before, limit).await?,
        RecordKind::Calls
        | RecordKind::Messages
        | RecordKind::Rejections
        | RecordKind::Events
        | RecordKind::Jobs
        | RecordKind::Audit => Vec::new(),
    };
    let oldest = rows_of(table, &format!("{at} < $1 {and_final}ORDER BY {at} LIMIT $2"));
    let deleting = sql_query(format!("DELETE FROM {table} WHERE {oldest}"))
        .bind::<Ts, _>(before)
        .bind::<BigInt, _>(limit);
    let deleted = deleting.execute(conn).await?;
    if !queues.is_empty() {
        delete_empty(conn, &queues).await?;
    }
    Ok(deleted)
}

/// The queues of the deliveries that are deleted next.
async fn queues_of_oldest(
    conn: &mut Conn,
    before: Moment,
    limit: i64,
) -> Result<Vec<String>, Failure> {
    let open = [DeliveryState::Pending, DeliveryState::Delivering];
    let queues = deliveries::table
        .filter(deliveries::created_at.lt(before))
        .filter(deliveries::state.ne_all(open.map(DeliveryState::as_str)))
        .order(deliveries::created_at)
        .limit(limit)
        .select(deliveries::queue_id);
    Ok(queues.load(conn).await?)
}

/// Deletes those of these queues that have no delivery. A delivery that is being added makes its queue due first.
async fn delete_empty(conn: &mut Conn, queues: &[String]) -> Result<(), Failure> {
    let is_used = deliveries::table.filter(deliveries::queue_id.eq(delivery_queues::id));
    diesel::delete(delivery_queues::table.filter(delivery_queues::id.eq_any(queues)))
        .filter(delivery_queues::due_at.is_null())
        .filter(not(exists(is_used)))
        .execute(conn)
        .await?;
    Ok(())
}

/// Deletes what happened during the calls that are deleted next.
async fn delete_timelines(conn: &mut Conn, before: Moment, limit: i64) -> Result<(), Failure> {
    let deleting = sql_query(
        "DELETE FROM call_timeline WHERE (account_sid, call_sid) IN (SELECT account_sid, sid \
         FROM calls WHERE first_seen_at < $1 ORDER BY first_seen_at LIMIT $2)",
    )
    .bind::<Ts, _>(before)
    .bind::<BigInt, _>(limit);
    deleting.execute(conn).await?;
    Ok(())
}
