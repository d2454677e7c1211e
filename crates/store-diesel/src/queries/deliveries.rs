//! Deliveries and their queues, whose leases run by the clock of the database.

use std::time::Duration;

use async_trait::async_trait;
use diesel::dsl::sql;
use diesel::sql_types::{BigInt, Nullable, Text};
use diesel::{
    ExpressionMethods as _, NullableExpressionMethods as _, OptionalExtension as _, QueryDsl as _,
    SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use futures_util::FutureExt as _;
use switchboard_domain::delivery::{
    AttemptResult, Busy, Delivery, DeliveryState, IdempotencyKey, SendState,
};
use switchboard_domain::identifier::{ConversationId, DeliveryId, OrganizationId};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{
    DeadDeliveryStore, DeliveryFilter, DeliveryHistory, DeliveryPlace, DeliveryQueue, Entity,
    Insertion, LeaseHolder, OfferOutcome, OutgoingStore, Page, Recorded, StoreError,
};
use switchboard_domain::sid::{AccountSid, MessageSid};
use switchboard_domain::time::Timestamp;

use super::covers;
use super::delivery_leases::{
    BusyNames, any_due, claim, postpone, release_unless_leased, renew, whole_seconds,
};
use super::delivery_look_ups::{by_key, latest_of_queue, newest, of_messages, stored};
use super::delivery_results::record;
use super::delivery_rows::{DeliveryRow, NewDeliveryRows, place};
use super::dialect::{Conn, NOW, SECOND, Store, Ts};
use super::messages::{MessageRow, ProgressMessages};
use super::outgoing_deliveries::{add, is_erased};
use super::schema::{deliveries, delivery_queues};
use super::upsert::execute;
use crate::failure::Failure;
use crate::json;
use crate::unreadable::{readable_page, readable_rows, stored_page};

/// The queue of the outgoing messages of a conversation.
const OUTGOING: &str = "out";

#[async_trait]
impl OutgoingStore for Store {
    async fn add(&self, delivery: &Delivery) -> Result<Insertion, StoreError> {
        let rows = NewDeliveryRows::of(delivery);
        let added =
            self.write("delivery.add", rows, |conn, rows| add_one(conn, rows).boxed()).await?;
        if added == 0 {
            return Ok(Insertion::Duplicate);
        }
        self.notify_workers().await;
        Ok(Insertion::Inserted)
    }

    async fn find_by_key(
        &self,
        organization: &OrganizationId,
        key: &IdempotencyKey,
    ) -> Result<Option<Delivery>, StoreError> {
        let wanted = (organization.clone(), key.reply_key());
        let found = self
            .read("delivery.find_by_key", wanted, |conn, (organization, key)| {
                by_key(conn, organization.as_str(), key).boxed()
            })
            .await?;
        found.map(Delivery::try_from).transpose()
    }

    async fn settle_offer(
        &self,
        account: AccountSid,
        message: MessageSid,
        outcome: OfferOutcome,
    ) -> Result<(), StoreError> {
        let wanted = (account, message, outcome);
        let settled =
            self.write("delivery.settle_offer", wanted, |conn, (account, message, outcome)| {
                settle_offer(conn, *account, *message, *outcome).boxed()
            });
        settled.await?;
        self.hint_workers();
        Ok(())
    }

    async fn confirm_sent(
        &self,
        account: AccountSid,
        delivery: &DeliveryId,
        sid: MessageSid,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let id = delivery.as_str().to_owned();
        let row = self.read("delivery.find", id, |conn, id| find(conn, id).boxed()).await?;
        let Some(row) = row else { return Ok(()) };
        if row.account_sid != account.as_str() || row.send_state.is_none() || row.sent_sid.is_some()
        {
            return Ok(());
        }
        let wanted = (row, sid, at);
        self.write("delivery.confirm", wanted, |conn, (row, sid, at)| {
            confirm_sent(conn, row, *sid, *at).boxed()
        })
        .await
    }
}

#[async_trait]
impl DeliveryQueue for Store {
    async fn claim(
        &self,
        holder: &LeaseHolder,
        lease: Duration,
        limit: u32,
        busy: &Busy,
    ) -> Result<Vec<Delivery>, StoreError> {
        let busy = BusyNames::of(busy);
        // Most polls find nothing, and a read blocks no writer.
        let is_due = self
            .read("delivery.due", busy.clone(), |conn, busy| any_due(conn, busy).boxed())
            .await?;
        if !is_due {
            return Ok(Vec::new());
        }
        let wanted = (holder.as_str().to_owned(), whole_seconds(lease), limit, busy);
        self.write("delivery.claim", wanted, |conn, (holder, seconds, limit, busy)| {
            claim(conn, holder, *seconds, *limit, busy).boxed()
        })
        .await
    }

    async fn renew(
        &self,
        holder: &LeaseHolder,
        lease: Duration,
        deliveries: &[DeliveryId],
    ) -> Result<Vec<DeliveryId>, StoreError> {
        let ids: Vec<_> = deliveries.iter().map(|id| id.as_str().to_owned()).collect();
        let wanted = (holder.as_str().to_owned(), whole_seconds(lease), ids);
        let renewed = self.write("delivery.renew", wanted, |conn, (holder, seconds, ids)| {
            renew(conn, holder, *seconds, ids).boxed()
        });
        let renewed = renewed.await?;
        let is_renewed = |id: &&DeliveryId| renewed.iter().any(|renewed| renewed == id.as_str());
        Ok(deliveries.iter().filter(is_renewed).cloned().collect())
    }

    async fn record(
        &self,
        holder: &LeaseHolder,
        results: &[AttemptResult],
    ) -> Result<Vec<Recorded>, StoreError> {
        // Replies lock other queues than those of the results. Two processes that each lock both kinds in one transaction
        // could wait for each other.
        let mut recorded = vec![Recorded::LeaseLost; results.len()];
        for is_answer in [false, true] {
            let group = results.iter().enumerate();
            let group = group.filter(|(_, result)| result.replies.is_empty() != is_answer);
            let (places, group): (Vec<_>, Vec<_>) =
                group.map(|(place, result)| (place, result.clone())).unzip();
            if group.is_empty() {
                continue;
            }
            let wanted = (holder.as_str().to_owned(), group);
            let outcomes = self.write("delivery.record", wanted, |conn, (holder, group)| {
                record(conn, holder, group).boxed()
            });
            for (place, outcome) in places.into_iter().zip(outcomes.await?) {
                recorded[place] = outcome;
            }
            if is_answer {
                self.hint_workers();
            }
        }
        Ok(recorded)
    }

    async fn postpone(
        &self,
        holder: &LeaseHolder,
        deliveries: &[(Delivery, Duration)],
    ) -> Result<(), StoreError> {
        let mut rows: Vec<_> = deliveries
            .iter()
            .map(|(delivery, after)| {
                (NewDeliveryRows::of(delivery).delivery, whole_seconds(*after))
            })
            .collect();
        // Locked in the same order everywhere.
        rows.sort_by(|(one, _), (other, _)| one.queue_id.cmp(&other.queue_id));
        let wanted = (holder.as_str().to_owned(), rows);
        self.write("delivery.postpone", wanted, |conn, (holder, rows)| {
            postpone(conn, holder, rows).boxed()
        })
        .await
    }

    async fn due_elsewhere(&self) {
        self.wait_for_notification().await;
    }
}

#[async_trait]
impl DeliveryHistory for Store {
    async fn find(&self, scope: &Scope, id: &DeliveryId) -> Result<Option<Delivery>, StoreError> {
        let found = self
            .read("delivery.find", id.clone(), |conn, id| stored(conn, id.as_str()).boxed())
            .await?;
        found
            .filter(|found| covers(scope, &found.row.organization_id))
            .map(Delivery::try_from)
            .transpose()
    }

    async fn newest(
        &self,
        scope: &Scope,
        filter: &DeliveryFilter,
        page: &Page<DeliveryPlace>,
    ) -> Result<Vec<Delivery>, StoreError> {
        readable_page(
            stored_page(page, |(at, id)| (*at, id.as_str().to_owned())),
            place,
            Delivery::try_from,
            |page| {
                let wanted = (scope.clone(), filter.clone(), page);
                self.read("delivery.newest", wanted, |conn, (scope, filter, page)| {
                    newest(conn, scope, filter, page).boxed()
                })
            },
        )
        .await
    }

    async fn of_messages(
        &self,
        scope: &Scope,
        account: AccountSid,
        messages: &[MessageSid],
    ) -> Result<Vec<Delivery>, StoreError> {
        let messages: Vec<_> = messages.iter().map(|sid| sid.as_str().to_owned()).collect();
        let wanted = (account, messages);
        let rows = self
            .read("delivery.of_messages", wanted, |conn, (account, messages)| {
                of_messages(conn, account.as_str(), messages).boxed()
            })
            .await?;
        let covered = rows.into_iter().filter(|stored| covers(scope, &stored.row.organization_id));
        readable_rows(covered.map(Delivery::try_from))
    }

    async fn latest_outgoing(
        &self,
        scope: &Scope,
        conversation: &ConversationId,
        limit: u32,
    ) -> Result<Vec<Delivery>, StoreError> {
        let wanted = (format!("{conversation}/{OUTGOING}"), limit);
        let rows = self
            .read("delivery.latest_outgoing", wanted, |conn, (queue, limit)| {
                latest_of_queue(conn, queue, *limit).boxed()
            })
            .await?;
        let covered = rows.into_iter().filter(|stored| covers(scope, &stored.row.organization_id));
        let mut latest = readable_rows(covered.map(Delivery::try_from))?;
        latest.reverse();
        Ok(latest)
    }
}

#[async_trait]
impl DeadDeliveryStore for Store {
    async fn replay(&self, scope: &Scope, id: &DeliveryId) -> Result<(), StoreError> {
        let wanted = (scope.clone(), id.clone());
        let replayed = self.write("delivery.replay", wanted, |conn, (scope, id)| {
            replay(conn, scope, id.as_str()).boxed()
        });
        replayed.await?;
        self.notify_workers().await;
        Ok(())
    }
}

async fn add_one(conn: &mut Conn, rows: &NewDeliveryRows) -> Result<usize, Failure> {
    if is_erased(conn, &rows.delivery).await? {
        return Ok(0);
    }
    Ok(add(conn, vec![rows.clone()]).await?.new)
}

async fn settle_offer(
    conn: &mut Conn,
    account: AccountSid,
    message: MessageSid,
    outcome: OfferOutcome,
) -> Result<(), Failure> {
    let offered = deliveries::table
        .filter(deliveries::account_sid.eq(account.as_str()))
        .filter(deliveries::message_sid.eq(message.as_str()))
        .filter(deliveries::send_state.eq(SendState::Offered.as_str()));
    let found: Vec<(String, String)> =
        offered.select((deliveries::id, deliveries::queue_id)).load(conn).await?;
    let Some((_, queue)) = found.as_slice().first() else { return Ok(()) };
    // Locked before the deliveries, as everywhere.
    let queues = delivery_queues::table.find(queue).select(delivery_queues::id);
    let _locked: Option<String> = held!(queues).first(conn).await.optional()?;
    let (state, send_state) = match outcome {
        OfferOutcome::Answered => (DeliveryState::Delivered, SendState::Sent),
        OfferOutcome::Withdrawn => (DeliveryState::Pending, SendState::Planned),
    };
    let ids = found.iter().map(|(id, _)| id);
    diesel::update(deliveries::table.filter(deliveries::id.eq_any(ids)))
        .filter(deliveries::send_state.eq(SendState::Offered.as_str()))
        // An erasure has canceled what it has erased.
        .filter(
            deliveries::state.eq_any(
                [DeliveryState::Pending, DeliveryState::Delivering].map(DeliveryState::as_str),
            ),
        )
        .set((
            deliveries::state.eq(state.as_str()),
            deliveries::send_state.eq(send_state.as_str()),
            deliveries::due_at.eq(in_seconds!(0).assume_not_null()),
        ))
        .execute(conn)
        .await?;
    release_unless_leased(conn, queue).await
}

async fn confirm_sent(
    conn: &mut Conn,
    row: &DeliveryRow,
    sid: MessageSid,
    at: Timestamp,
) -> Result<(), Failure> {
    let queues = delivery_queues::table.find(&row.queue_id).select(delivery_queues::id);
    let _locked: Option<String> = held!(queues).first(conn).await.optional()?;
    // A look-up gave it to another message, of which nothing is known any more. Twilio says whose it is.
    let is_confirmed = deliveries::table
        .filter(deliveries::id.eq(&row.id))
        .filter(deliveries::sent_sid.is_not_null())
        .select(deliveries::id);
    let is_confirmed: Option<String> = is_confirmed.first(conn).await.optional()?;
    if is_confirmed.is_none() {
        let others = deliveries::table
            .filter(deliveries::account_sid.eq(&row.account_sid))
            .filter(deliveries::sent_sid.eq(sid.as_str().to_owned()));
        diesel::update(others)
            .set((
                deliveries::sent_sid.eq(None::<String>),
                deliveries::send_state.eq(SendState::Unknown.as_str()),
                deliveries::state.eq(DeliveryState::Dead.as_str()),
            ))
            .execute(conn)
            .await?;
    }
    let unconfirmed =
        deliveries::table.filter(deliveries::id.eq(&row.id)).filter(deliveries::sent_sid.is_null());
    let confirmed = diesel::update(unconfirmed)
        .set((
            deliveries::sent_sid.eq(sid.as_str().to_owned()),
            deliveries::send_state.eq(SendState::Sent.as_str()),
            deliveries::state
                .eq(sql::<Text>("CASE state WHEN 'delivering' THEN state ELSE 'delivered' END")),
        ))
        .execute(conn)
        .await?;
    if confirmed > 0 {
        let sent = MessageRow::of_sent(row, sid, at);
        execute::<ProgressMessages>(conn, vec![sent].into()).await?;
    }
    release_unless_leased(conn, &row.queue_id).await
}

const MISSING: StoreError = StoreError::Missing { entity: Entity::Delivery };

async fn replay(conn: &mut Conn, scope: &Scope, id: &str) -> Result<(), Failure> {
    let Some(row) = find(conn, id).await? else { return Err(MISSING.into()) };
    if !covers(scope, &row.organization_id) {
        return Err(MISSING.into());
    }
    let queues = delivery_queues::table.find(&row.queue_id).select(delivery_queues::id);
    let _locked: Option<String> = held!(queues).first(conn).await.optional()?;
    let made = json::read_delivery_attempts(&row.attempts).map_or(0, |attempts| attempts.len());
    let earlier_attempts = i64::try_from(made).unwrap_or(i64::MAX);
    let replayed = diesel::update(deliveries::table.filter(deliveries::id.eq(id)))
        .filter(deliveries::state.eq(DeliveryState::Dead.as_str()))
        .set((
            deliveries::state.eq(DeliveryState::Pending.as_str()),
            deliveries::earlier_attempts.eq(earlier_attempts),
            deliveries::due_at.eq(in_seconds!(0).assume_not_null()),
            deliveries::send_state.eq(sql::<Nullable<Text>>(
                "CASE send_state WHEN 'refused' THEN 'planned' ELSE send_state END",
            )),
        ))
        .execute(conn)
        .await?;
    if replayed == 0 {
        return Err(MISSING.into());
    }
    release_unless_leased(conn, &row.queue_id).await
}

async fn find(conn: &mut Conn, id: &str) -> Result<Option<DeliveryRow>, Failure> {
    let query = deliveries::table.filter(deliveries::id.eq(id)).select(DeliveryRow::as_select());
    Ok(query.first(conn).await.optional()?)
}
