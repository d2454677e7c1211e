//! Deliveries and their queues.

use std::cmp::Reverse;
use std::time::Duration;

use async_trait::async_trait;
use switchboard_domain::address::Address;
use switchboard_domain::agent::MessageTarget;
use switchboard_domain::delivery::{
    AttemptResult, Busy, Delivery, DeliveryItem, DeliveryState, DeliveryTarget, IdempotencyKey,
    MAX_AGE_SECONDS, Next, SendProgress, SendState,
};
use switchboard_domain::event::{event_of_disabled_target, events_of_attempt};
use switchboard_domain::identifier::{ConversationId, DeliveryId, OrganizationId};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{
    DeadDeliveryStore, DeliveryFilter, DeliveryHistory, DeliveryPlace, DeliveryQueue, Entity,
    Insertion, LeaseHolder, OfferOutcome, OutgoingStore, Page, Recorded, StoreError,
};
use switchboard_domain::sid::{AccountSid, MessageSid};
use switchboard_domain::subscription::disabled_by;
use switchboard_domain::time::Timestamp;

use crate::MemoryStore;
use crate::delivery_queues::Stored;
use crate::message_records;
use crate::state::State;

impl MemoryStore {
    /// Advances the clock by which deliveries become due and their leases expire.
    pub fn advance(&self, time: Duration) {
        self.state().deliveries.ahead += seconds(time);
    }

    /// Gives all leases of deliveries to another holder, as if they had expired before, for a second.
    pub fn take_over(&self, holder: &str) {
        let queues = &mut self.state().deliveries;
        let until = queues.now().plus_seconds(1);
        for lease in queues.leases.values_mut() {
            *lease = (LeaseHolder::named(holder), until);
        }
    }
}

/// Whether the contact who wrote the answered message was erased.
fn is_erased(state: &State, delivery: &Delivery) -> bool {
    let message = delivery.item.message();
    let answered = message.and_then(|message| state.messages.get(&(delivery.account, message)));
    answered.is_some_and(|answered| answered.from == Some(Address::Erased))
}

/// Records the result of one attempt.
fn record(state: &mut State, holder: &LeaseHolder, result: &AttemptResult) -> Recorded {
    let queues = &mut state.deliveries;
    let now = queues.now();
    let Some(stored) = queues.get(&result.delivery) else { return Recorded::LeaseLost };
    let (queue, before) = (stored.queue(), stored.delivery.state);
    let lease = queues.leases.get(&queue);
    if !lease.is_some_and(|(held_by, until)| held_by == holder && *until > now)
        || before != DeliveryState::Delivering
    {
        return Recorded::LeaseLost;
    }
    queues.leases.remove(&queue);
    let foreign = result.progress.and_then(|progress| progress.sid);
    let foreign = foreign.filter(|sid| queues.is_foreign(&result.delivery, *sid));
    let of_foreign_sid = foreign.map(|_sid| result.of_foreign_sid());
    let result = of_foreign_sid.as_ref().unwrap_or(result);
    let Some(stored) = queues.get(&result.delivery) else { return Recorded::LeaseLost };
    let happened = events_of_attempt(&stored.delivery, result);
    state.events.add(&state.subscriptions, happened);
    let is_disabled = match disabled_by(&stored.delivery, result) {
        Some((DeliveryTarget::Subscription(id), endpoint)) => {
            state.subscriptions.disable_gone(&id, endpoint, result.attempt.at)
        }
        Some((DeliveryTarget::Agent(id), endpoint)) => {
            let target =
                state.agents.get(&id).and_then(|agent| agent.profile.message_target.clone());
            let is_called = target.as_ref().and_then(MessageTarget::endpoint) == Some(endpoint);
            if is_called {
                state.gone_targets.insert(id, (target, result.attempt.at));
            }
            is_called
        }
        Some((DeliveryTarget::Account(_), _)) | None => false,
    };
    if is_disabled {
        let happened = event_of_disabled_target(&stored.delivery, result);
        state.events.add(&state.subscriptions, happened);
    }
    stored.delivery.attempts.push(result.attempt.clone());
    let mut next = result.next;
    if let (Some(known), Some(progress)) = (stored.progress(), result.progress) {
        if known.state == SendState::Sent {
            next = Next::Delivered;
        } else {
            *known = progress;
        }
    }
    let (next, wait) = match next {
        Next::Delivered => (DeliveryState::Delivered, 0),
        Next::Dead => (DeliveryState::Dead, 0),
        Next::Canceled => (DeliveryState::Canceled, 0),
        Next::Retry(after) => (DeliveryState::Pending, seconds(after)),
    };
    stored.delivery.state = next;
    stored.due_at = now.plus_seconds(wait);
    let delivery = stored.delivery.clone();
    let recorded = if result.replies.is_empty() {
        Recorded::Recorded
    } else if is_erased(state, &delivery) {
        Recorded::Queued
    } else {
        state.deliveries.add_replies(&delivery, result)
    };
    let sent =
        result.progress.and_then(|progress| delivery.sent_message(progress, result.attempt.at));
    if let Some(sent) = sent {
        message_records::merge(&mut state.messages, sent);
    }
    recorded
}

#[async_trait]
impl OutgoingStore for MemoryStore {
    async fn add(&self, delivery: &Delivery) -> Result<Insertion, StoreError> {
        let state = &mut *self.enter("delivery.add").await?;
        if is_erased(state, delivery) {
            return Ok(Insertion::Duplicate);
        }
        Ok(state.deliveries.add(delivery.clone()))
    }

    async fn find_by_key(
        &self,
        organization: &OrganizationId,
        key: &IdempotencyKey,
    ) -> Result<Option<Delivery>, StoreError> {
        let queues = &self.enter("delivery.find_by_key").await?.deliveries;
        Ok(queues.by_key(organization, &key.reply_key()).map(Stored::shown))
    }

    async fn settle_offer(
        &self,
        account: AccountSid,
        message: MessageSid,
        outcome: OfferOutcome,
    ) -> Result<(), StoreError> {
        let queues = &mut self.enter("delivery.settle_offer").await?.deliveries;
        let now = queues.now();
        for stored in &mut queues.all {
            let is_meant = stored.delivery.account == account
                && stored.delivery.item.message() == Some(message)
                && !stored.delivery.state.is_final()
                && stored.is_offered();
            if !is_meant {
                continue;
            }
            let (state, send) = match outcome {
                OfferOutcome::Answered => (DeliveryState::Delivered, SendState::Sent),
                OfferOutcome::Withdrawn => (DeliveryState::Pending, SendState::Planned),
            };
            stored.delivery.state = state;
            stored.due_at = now;
            if let Some(progress) = stored.progress() {
                progress.state = send;
            }
        }
        Ok(())
    }

    async fn confirm_sent(
        &self,
        account: AccountSid,
        delivery: &DeliveryId,
        sid: MessageSid,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut entered = self.enter("delivery.confirm").await?;
        let Some(stored) = entered.deliveries.get(delivery) else { return Ok(()) };
        if stored.delivery.account != account {
            return Ok(());
        }
        let Some(progress) = stored.progress() else { return Ok(()) };
        if progress.sid.is_some() {
            return Ok(());
        }
        let sent = SendProgress { state: SendState::Sent, sid: Some(sid) };
        *progress = sent;
        entered.deliveries.take_sid(delivery, sid);
        let Some(stored) = entered.deliveries.get(delivery) else { return Ok(()) };
        if stored.delivery.state != DeliveryState::Delivering {
            stored.delivery.state = DeliveryState::Delivered;
        }
        if let Some(sent) = stored.delivery.sent_message(sent, at) {
            message_records::merge(&mut entered.messages, sent);
        }
        Ok(())
    }
}

#[async_trait]
impl DeliveryQueue for MemoryStore {
    async fn claim(
        &self,
        holder: &LeaseHolder,
        lease: Duration,
        limit: u32,
        busy: &Busy,
    ) -> Result<Vec<Delivery>, StoreError> {
        let queues = &mut self.enter("delivery.claim").await?.deliveries;
        let now = queues.now();
        let mut due = queues.heads();
        due.retain(|place| {
            let stored = &queues.all[*place];
            let is_given_up = stored.due_at.plus_seconds(MAX_AGE_SECONDS) < now;
            stored.due_at <= now
                && !queues.is_leased(&stored.queue(), now)
                && (is_given_up || !queues.is_busy(&stored.queue(), busy))
        });
        due.sort_by_key(|place| (queues.all[*place].due_at, *place));
        due.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let until = now.plus_seconds(seconds(lease));
        let mut claimed = Vec::new();
        for place in due {
            let stored = &mut queues.all[place];
            claimed.push(stored.delivery.clone());
            stored.delivery.state = DeliveryState::Delivering;
            if let Some(progress) = stored.progress()
                && matches!(progress.state, SendState::Planned | SendState::Offered)
            {
                progress.state = SendState::Unknown;
            }
            let queue = stored.queue();
            queues.leases.insert(queue, (holder.clone(), until));
        }
        Ok(claimed)
    }

    async fn renew(
        &self,
        holder: &LeaseHolder,
        lease: Duration,
        deliveries: &[DeliveryId],
    ) -> Result<Vec<DeliveryId>, StoreError> {
        let queues = &mut self.enter("delivery.renew").await?.deliveries;
        let until = queues.now().plus_seconds(seconds(lease));
        let mut renewed = Vec::new();
        for id in deliveries {
            let queue = queues.get(id).map(|stored| stored.queue());
            let lease = queue.and_then(|queue| queues.leases.get_mut(&queue));
            if let Some((held_by, expiry)) = lease
                && held_by == holder
            {
                *expiry = until;
                renewed.push(id.clone());
            }
        }
        Ok(renewed)
    }

    async fn record(
        &self,
        holder: &LeaseHolder,
        results: &[AttemptResult],
    ) -> Result<Vec<Recorded>, StoreError> {
        let state = &mut *self.enter("delivery.record").await?;
        Ok(results.iter().map(|result| record(state, holder, result)).collect())
    }

    async fn postpone(
        &self,
        holder: &LeaseHolder,
        deliveries: &[(Delivery, Duration)],
    ) -> Result<(), StoreError> {
        let queues = &mut self.enter("delivery.postpone").await?.deliveries;
        for (delivery, after) in deliveries {
            let queue = delivery.queue();
            if queues.leases.get(&queue).is_none_or(|(held_by, _)| held_by != holder) {
                continue;
            }
            queues.leases.remove(&queue);
            let due_at = queues.now().plus_seconds(seconds(*after));
            if let Some(stored) = queues.get(&delivery.id) {
                stored.delivery.item = delivery.item.clone();
                stored.delivery.state = DeliveryState::Pending;
                stored.due_at = due_at;
            }
        }
        Ok(())
    }

    async fn due_elsewhere(&self) {
        std::future::pending::<()>().await;
    }
}

#[async_trait]
impl DeliveryHistory for MemoryStore {
    async fn find(&self, scope: &Scope, id: &DeliveryId) -> Result<Option<Delivery>, StoreError> {
        let queues = &mut self.enter("delivery.find").await?.deliveries;
        let found = queues.get(id).map(|stored| stored.shown());
        Ok(found.filter(|delivery| scope.covers(&delivery.organization)))
    }

    async fn newest(
        &self,
        scope: &Scope,
        filter: &DeliveryFilter,
        page: &Page<DeliveryPlace>,
    ) -> Result<Vec<Delivery>, StoreError> {
        let queues = &self.enter("delivery.newest").await?.deliveries;
        let place = |delivery: &Delivery| (delivery.created_at, delivery.id.clone());
        let selected = queues.all.iter().filter(|stored| {
            let delivery = &stored.delivery;
            scope.covers(&delivery.organization)
                && filter.selects(delivery)
                && page.after.as_ref().is_none_or(|after| place(delivery) < *after)
        });
        let mut selected: Vec<_> = selected.map(Stored::shown).collect();
        selected.sort_by_key(|delivery| Reverse(place(delivery)));
        selected.truncate(usize::try_from(page.limit).unwrap_or(usize::MAX));
        Ok(selected)
    }

    async fn of_messages(
        &self,
        scope: &Scope,
        account: AccountSid,
        messages: &[MessageSid],
    ) -> Result<Vec<Delivery>, StoreError> {
        let queues = &self.enter("delivery.of_messages").await?.deliveries;
        let is_of = |delivery: &Delivery| {
            let sid = match &delivery.item {
                DeliveryItem::Received(message) => Some(*message),
                DeliveryItem::Outgoing(outgoing) => outgoing.progress.sid,
                DeliveryItem::Event(_) => None,
            };
            delivery.account == account && sid.is_some_and(|sid| messages.contains(&sid))
        };
        let found = queues.all.iter().filter(|stored| {
            scope.covers(&stored.delivery.organization) && is_of(&stored.delivery)
        });
        Ok(found.map(Stored::shown).collect())
    }

    async fn latest_outgoing(
        &self,
        scope: &Scope,
        conversation: &ConversationId,
        limit: u32,
    ) -> Result<Vec<Delivery>, StoreError> {
        let queues = &self.enter("delivery.latest_outgoing").await?.deliveries;
        let outgoing = queues.all.iter().rev().filter(|stored| {
            let delivery = &stored.delivery;
            delivery.conversation() == Some(conversation)
                && scope.covers(&delivery.organization)
                && matches!(delivery.item, DeliveryItem::Outgoing(_))
        });
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut latest: Vec<_> = outgoing.take(limit).map(Stored::shown).collect();
        latest.reverse();
        Ok(latest)
    }
}

#[async_trait]
impl DeadDeliveryStore for MemoryStore {
    async fn replay(&self, scope: &Scope, id: &DeliveryId) -> Result<(), StoreError> {
        let queues = &mut self.enter("delivery.replay").await?.deliveries;
        let now = queues.now();
        match queues.get(id) {
            Some(stored)
                if scope.covers(&stored.delivery.organization)
                    && stored.delivery.state == DeliveryState::Dead =>
            {
                stored.delivery.state = DeliveryState::Pending;
                stored.delivery.earlier_attempts = stored.delivery.attempts.len();
                stored.due_at = now;
                if let Some(progress) = stored.progress()
                    && progress.state == SendState::Refused
                {
                    progress.state = SendState::Planned;
                }
                Ok(())
            }
            _ => Err(StoreError::Missing { entity: Entity::Delivery }),
        }
    }
}

fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}
