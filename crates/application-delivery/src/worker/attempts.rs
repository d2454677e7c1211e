//! What happens in one attempt of a delivery, and what is recorded about it.

use std::sync::Arc;
use std::time::Duration;

use switchboard_application::{Answering, OfferedReply, ReplyOffer};
use switchboard_domain::delivery::{
    Attempt, AttemptOutcome, AttemptResult, Delivery, DeliveryItem, EventItem, Next, Outgoing,
    OutgoingContent, SendProgress, SendState, next_delay,
};
use switchboard_domain::identifier::DeliveryId;
use switchboard_domain::message::MessageRecord;
use switchboard_domain::ports::{DeliveryContext, Recorded, Retry};
use switchboard_domain::sid::MessageSid;
use tokio::time::Instant;

use super::DeliveryWorker;
use crate::failed_attempt::FailedAttempt;
use crate::running_attempt::{RunningAttempt, count, log_failure};
use crate::sending::{Sent, Step};
use crate::target_limits::Permit;

/// The longest time for which a target gets nothing because it answered 429 or 503 with `Retry-After`. One answer, perhaps
/// about one contact, must not stop an agent for longer.
const MAX_PAUSE: Duration = Duration::from_secs(5 * 60);

impl DeliveryWorker {
    /// Makes an attempt, and records its result.
    pub(super) async fn attempt(
        &self,
        delivery: Delivery,
        context: Option<DeliveryContext>,
        permit: Permit,
    ) {
        if delivery.is_expired(self.parts.clock.now()) {
            return self.give_up(&delivery).await;
        }
        match &delivery.item {
            DeliveryItem::Received(message) => {
                self.deliver(&delivery, *message, context, &permit).await;
            }
            DeliveryItem::Outgoing(outgoing) => self.send(&delivery, outgoing).await,
            DeliveryItem::Event(item) => self.deliver_event(&delivery, item, &permit).await,
        }
    }

    async fn give_up(&self, delivery: &Delivery) {
        let attempt = self.begin().finish(AttemptOutcome::Expired, None, None);
        log_failure(&attempt, Next::Dead, None);
        let progress = match &delivery.item {
            DeliveryItem::Received(_) | DeliveryItem::Event(_) => None,
            DeliveryItem::Outgoing(outgoing) => Some(outgoing.progress),
        };
        self.record(delivery, attempt, Next::Dead, progress).await;
    }

    fn begin(&self) -> RunningAttempt {
        RunningAttempt { at: self.parts.clock.now(), begun: Instant::now() }
    }

    async fn deliver(
        &self,
        delivery: &Delivery,
        message: MessageSid,
        context: Option<DeliveryContext>,
        permit: &Permit,
    ) {
        let running = self.begin();
        let answered = self.parts.agents.attempt(delivery, message, context).await;
        let answers = judge(permit, answered.as_ref().err());
        if let (Some(agent), Some(answers)) = (&delivery.agent, answers) {
            let answering = if answers { Answering::Yes } else { Answering::No };
            self.parts.waiters.set_answering(agent, answering);
        }
        match answered {
            Ok((record, contents)) => {
                self.accepted(delivery, &running, message, &record, contents).await;
            }
            Err(failed) => self.fail(delivery, &running, failed).await,
        }
    }

    /// Delivers an event to a subscription.
    async fn deliver_event(&self, delivery: &Delivery, item: &EventItem, permit: &Permit) {
        let running = self.begin();
        let answered = self.parts.events.attempt(delivery, item).await;
        let _answers = judge(permit, answered.as_ref().err());
        match answered {
            Ok(()) => {
                let attempt = running.finish(AttemptOutcome::Accepted, None, None);
                self.record(delivery, attempt, Next::Delivered, None).await;
            }
            Err(failed) => self.fail(delivery, &running, failed).await,
        }
    }

    /// Records that the endpoint accepted a message. Its replies are part of the answer to the webhook if that still
    /// waits, and are sent by this worker otherwise; the store decides which before either happens.
    async fn accepted(
        &self,
        delivery: &Delivery,
        running: &RunningAttempt,
        message: MessageSid,
        record: &MessageRecord,
        contents: Vec<OutgoingContent>,
    ) {
        let waiter = self.parts.waiters.take(&delivery.id);
        let mut waiter = waiter.filter(|_| !contents.is_empty());
        // The contact may have opted out meanwhile. Then the replies are stored, but not sent.
        if waiter.is_some() && !matches!(self.parts.agents.is_opted_out(record).await, Ok(false)) {
            waiter = None;
        }
        let state = if waiter.is_some() { SendState::Offered } else { SendState::Planned };
        let replies = self.replies(message, record, contents, state);
        let offered = |(delivery, outgoing): &(DeliveryId, Outgoing)| OfferedReply {
            delivery: delivery.clone(),
            content: outgoing.content.clone(),
        };
        let offered = replies.iter().map(offered).collect();
        let result = AttemptResult {
            delivery: delivery.id.clone(),
            attempt: running.finish(AttemptOutcome::Accepted, None, None),
            endpoint: None,
            next: Next::Delivered,
            progress: None,
            replies,
        };
        let recorded = self.record_result(delivery, result).await;
        // Without a record of the offer, the webhook answers nothing.
        if let Some(waiter) = waiter
            && recorded == Some(Recorded::Recorded)
        {
            let (store, waiters) = (&self.parts.outgoing, &self.parts.waiters);
            let about = (delivery.account, message);
            waiter.reply(ReplyOffer::new(offered, Arc::clone(store), Arc::clone(waiters), about));
        }
    }

    fn replies(
        &self,
        message: MessageSid,
        record: &MessageRecord,
        contents: Vec<OutgoingContent>,
        state: SendState,
    ) -> Vec<(DeliveryId, Outgoing)> {
        let (Some(contact), Some(ours)) = (&record.from, &record.to) else { return Vec::new() };
        let reply = |(place, content): (usize, OutgoingContent)| {
            let outgoing = Outgoing {
                in_reply_to: Some(message),
                reply_key: format!("response {}", place + 1),
                from: ours.clone(),
                to: contact.clone(),
                content,
                progress: SendProgress::without_sid(state),
            };
            (self.parts.identifiers.delivery(), outgoing)
        };
        contents.into_iter().enumerate().map(reply).collect()
    }

    async fn fail(&self, delivery: &Delivery, running: &RunningAttempt, failed: FailedAttempt) {
        // The webhook need not wait for another attempt.
        drop(self.parts.waiters.take(&delivery.id));
        let next = match failed.retry {
            Retry::Later => self.scheduled(delivery, failed.retry_after),
            Retry::Never => given_up(failed.outcome, &delivery.item),
        };
        let attempt = running.finish(failed.outcome, failed.code, failed.detail);
        log_failure(&attempt, next, failed.cause.as_deref());
        let result = AttemptResult {
            delivery: delivery.id.clone(),
            attempt,
            endpoint: failed.endpoint,
            next,
            progress: None,
            replies: Vec::new(),
        };
        self.record_result(delivery, result).await;
    }

    async fn send(&self, delivery: &Delivery, outgoing: &Outgoing) {
        let running = self.begin();
        let is_leased = || self.in_flight.is_leased(&delivery.id);
        let sent = self.parts.sending.attempt(delivery, outgoing, &is_leased).await;
        let Some(Sent { outcome, code, detail, cause, step, progress }) = sent else {
            tracing::warn!("the lease of this delivery was not renewed, so nothing was sent");
            return;
        };
        let next = match step {
            Step::Next(next) => next,
            Step::Scheduled => self.scheduled(delivery, None),
        };
        let attempt = running.finish(outcome, code, detail);
        if outcome.is_failure() {
            log_failure(&attempt, next, cause.as_deref());
        }
        self.record(delivery, attempt, next, Some(progress)).await;
    }

    fn scheduled(&self, delivery: &Delivery, retry_after: Option<Duration>) -> Next {
        let mut random = [0; 4];
        self.parts.randomness.fill(&mut random);
        let delay = next_delay(delivery.failures() + 1, retry_after, u32::from_le_bytes(random));
        delay.map_or(Next::Dead, Next::Retry)
    }

    /// Records a result without replies.
    async fn record(
        &self,
        delivery: &Delivery,
        attempt: Attempt,
        next: Next,
        progress: Option<SendProgress>,
    ) {
        let (id, replies) = (delivery.id.clone(), Vec::new());
        let result =
            AttemptResult { delivery: id, attempt, endpoint: None, next, progress, replies };
        self.record_result(delivery, result).await;
    }

    /// Records a result. `None` if the store fails: the delivery is attempted again when its lease expires.
    async fn record_result(&self, delivery: &Delivery, result: AttemptResult) -> Option<Recorded> {
        count(delivery, &result);
        let recorded = self.results.record(result).await;
        if recorded == Some(Recorded::LeaseLost) {
            tracing::warn!("another worker took over this delivery");
        }
        recorded
    }
}

/// Passes what an attempt says about its target to the circuit breaker: whether the target answers; `None` if nothing.
fn judge(permit: &Permit, failed: Option<&FailedAttempt>) -> Option<bool> {
    let answers = failed.map_or(Some(true), FailedAttempt::target_answers);
    match answers {
        Some(true) => permit.succeeded(),
        Some(false) => permit.failed(),
        None => {}
    }
    if let Some(pause) = failed.and_then(FailedAttempt::pause) {
        permit.pause(pause.min(MAX_PAUSE));
    }
    answers
}

/// What becomes of a delivery that is not attempted again. It is canceled if that is intended, and dead if an operator can
/// do something about it.
const fn given_up(outcome: AttemptOutcome, item: &DeliveryItem) -> Next {
    match outcome {
        AttemptOutcome::OptedOut | AttemptOutcome::LoopStopped => Next::Canceled,
        AttemptOutcome::NoTarget if matches!(item, DeliveryItem::Event(_)) => Next::Canceled,
        AttemptOutcome::NoTarget
        | AttemptOutcome::Accepted
        | AttemptOutcome::FoundAtTwilio
        | AttemptOutcome::Unreachable
        | AttemptOutcome::TimedOut
        | AttemptOutcome::BadStatus
        | AttemptOutcome::RateLimited
        | AttemptOutcome::Gone
        | AttemptOutcome::InvalidResponse
        | AttemptOutcome::AddressRefused
        | AttemptOutcome::TargetDisabled
        | AttemptOutcome::StoreUnavailable
        | AttemptOutcome::AtLimit
        | AttemptOutcome::Refused
        | AttemptOutcome::OutcomeUnknown
        | AttemptOutcome::NotAtTwilio
        | AttemptOutcome::Expired
        | AttemptOutcome::KeyRefused
        | AttemptOutcome::LimitReached
        | AttemptOutcome::WindowClosed => Next::Dead,
    }
}
