//! Takes due deliveries from the store and attempts them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use switchboard_application::{Answering, OfferedReply, ReplyWaiters};
use switchboard_domain::causes::Causes;
use switchboard_domain::delivery::{
    Attempt, AttemptOutcome, AttemptResult, Delivery, DeliveryItem, EventItem, Next, Outgoing,
    OutgoingContent, SendProgress, SendState, next_delay,
};
use switchboard_domain::identifier::DeliveryId;
use switchboard_domain::message::MessageRecord;
use switchboard_domain::ports::{
    Clock, DeliveryContext, DeliveryQueue, Identifiers, LeaseHolder, OfferOutcome, OutgoingStore,
    Randomness, Recorded, Retry,
};
use switchboard_domain::sid::MessageSid;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tracing::Instrument as _;

use crate::agent_delivery::AgentDelivery;
use crate::event_delivery::EventDelivery;
use crate::failed_attempt::FailedAttempt;
use crate::in_flight::{InFlight, LEASE};
use crate::results::Results;
use crate::running_attempt::{RunningAttempt, count, log_failure};
use crate::sending::{Sending, Sent, Step};
use crate::target_limits::{MAX_CONCURRENT, Permit, TargetLimits};

/// How often leases are renewed.
const RENEW_EVERY: Duration = Duration::from_secs(3);
/// The maximum number of deliveries that are taken at once.
const MAX_CLAIMED: usize = 64;
/// The wait after a failure of the store.
const AFTER_FAILURE: Duration = Duration::from_secs(1);
/// How far apart the store is read at least. Deliveries that become due meanwhile are taken together.
const CLAIM_APART: Duration = Duration::from_millis(5);
/// How far apart it is read after nothing was found several times: messages for an endpoint that is down wake the worker in
/// vain.
const EMPTY_CLAIM_APART: Duration = Duration::from_millis(20);
/// So many reads without a delivery are usual while there are some: the end of each attempt wakes the worker too.
const USUAL_EMPTY_CLAIMS: u32 = 4;

/// What a worker needs.
pub struct WorkerParts {
    /// The queues of deliveries.
    pub store: Arc<dyn DeliveryQueue>,
    /// The stored replies.
    pub outgoing: Arc<dyn OutgoingStore>,
    /// The webhooks that wait for replies, which also wake the worker.
    pub waiters: Arc<ReplyWaiters>,
    /// Delivers inbound messages.
    pub agents: AgentDelivery,
    /// Sends outgoing messages.
    pub sending: Sending,
    /// Delivers events.
    pub events: EventDelivery,
    /// The name of this process.
    pub holder: LeaseHolder,
    /// The time of attempts.
    pub clock: Arc<dyn Clock>,
    /// Generates the ids of replies.
    pub identifiers: Arc<dyn Identifiers>,
    /// Spreads retries.
    pub randomness: Arc<dyn Randomness>,
    /// How often the store is read when nothing else wakes the worker: deliveries become due, and other processes may add
    /// some without telling.
    pub poll_interval: Duration,
}

/// Delivers messages and events, as many workers as there are processes.
pub struct DeliveryWorker {
    parts: WorkerParts,
    results: Results,
    limits: Arc<TargetLimits>,
    in_flight: InFlight,
    /// Whether no more deliveries are taken.
    is_draining: AtomicBool,
    /// An attempt has ended.
    ended: Notify,
}

/// A delivery whose lease is renewed. Ends when an attempt ends, also by a panic: then the lease expires, and the delivery
/// is attempted again.
struct Claimed {
    worker: Arc<DeliveryWorker>,
    delivery: DeliveryId,
}

impl Drop for Claimed {
    fn drop(&mut self) {
        self.worker.in_flight.remove(&self.delivery);
        // Stores a permit if nobody waits yet.
        self.worker.ended.notify_one();
        // The next delivery of the queue may be due.
        self.worker.parts.waiters.wake();
    }
}

impl DeliveryWorker {
    /// Creates a worker.
    pub fn new(parts: WorkerParts) -> Self {
        let results = Results::new(Arc::clone(&parts.store), parts.holder.clone());
        Self {
            parts,
            results,
            limits: Arc::default(),
            in_flight: InFlight::default(),
            is_draining: AtomicBool::new(false),
            ended: Notify::new(),
        }
    }

    /// Takes no more deliveries, and waits at most for this time until the running attempts have ended. Another process
    /// takes over what is left when its lease expires.
    pub async fn drain(&self, limit: Duration) {
        self.is_draining.store(true, Ordering::Release);
        let ended = async {
            while self.in_flight.len() > 0 {
                self.ended.notified().await;
            }
        };
        if timeout(limit, ended).await.is_err() {
            let running = self.in_flight.len();
            tracing::warn!(running, "deliveries are left to other processes");
        }
    }

    /// Delivers until the worker is drained.
    pub async fn run(self: Arc<Self>) {
        let mut empty_claims = 0_u32;
        while !self.is_draining.load(Ordering::Acquire) {
            let begun = Instant::now();
            let free = MAX_CONCURRENT.saturating_sub(self.in_flight.len());
            let wanted = free.min(MAX_CLAIMED);
            let claimed = if wanted == 0 { 0 } else { self.claim(wanted).await };
            empty_claims = if claimed == 0 { empty_claims.saturating_add(1) } else { 0 };
            if claimed < MAX_CLAIMED {
                let _elapsed = timeout(self.parts.poll_interval, self.parts.waiters.woken()).await;
                let is_in_vain = empty_claims > USUAL_EMPTY_CLAIMS;
                sleep_until(begun + if is_in_vain { EMPTY_CLAIM_APART } else { CLAIM_APART }).await;
            }
        }
        // A task that ends is started again.
        std::future::pending::<()>().await;
    }

    /// Is woken by other processes, forever.
    pub async fn listen(&self) {
        loop {
            self.parts.store.due_elsewhere().await;
            self.parts.waiters.wake();
        }
    }

    /// Renews the leases of this process, forever.
    pub async fn renew_leases(&self) {
        loop {
            sleep(RENEW_EVERY).await;
            let running = self.in_flight.ids();
            if running.is_empty() {
                continue;
            }
            let requested = Instant::now();
            match self.parts.store.renew(&self.parts.holder, LEASE, &running).await {
                Ok(()) => self.in_flight.renewed(&running, requested),
                Err(error) => {
                    tracing::warn!(error = %Causes(&error), "leases of deliveries could not be renewed");
                }
            }
        }
    }

    /// Takes due deliveries and starts an attempt at each. Returns how many.
    async fn claim(self: &Arc<Self>, limit: usize) -> usize {
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        let (requested, busy) = (Instant::now(), self.limits.busy());
        let claimed = match self.parts.store.claim(&self.parts.holder, LEASE, limit, &busy).await {
            Ok(claimed) => claimed,
            Err(error) => {
                tracing::warn!(error = %Causes(&error), "deliveries could not be read");
                sleep(AFTER_FAILURE).await;
                return 0;
            }
        };
        let count = claimed.len();
        let (mut permitted, mut postponed) = (Vec::new(), Vec::new());
        for delivery in claimed {
            // An attempt whose lease expired, because it could not be renewed in time, still runs here.
            if !self.in_flight.insert(&delivery.id, requested) {
                continue;
            }
            let permit = match self.limits.acquire(&delivery.target(), &delivery.organization) {
                Ok(permit) => permit,
                Err(after) => {
                    self.in_flight.remove(&delivery.id);
                    postponed.push((delivery, after));
                    continue;
                }
            };
            let claimed = Claimed { worker: Arc::clone(self), delivery: delivery.id.clone() };
            permitted.push((delivery, permit, claimed));
        }
        if !postponed.is_empty() {
            self.postpone(&postponed).await;
        }
        if !permitted.is_empty() {
            // The next deliveries are taken while these are prepared.
            tokio::spawn(Arc::clone(self).attempt_all(permitted));
        }
        count
    }

    /// Reads together what the attempts need, and starts them.
    async fn attempt_all(self: Arc<Self>, permitted: Vec<(Delivery, Permit, Claimed)>) {
        let received = permitted.iter().map(|(delivery, ..)| delivery);
        let received =
            received.filter(|delivery| matches!(delivery.item, DeliveryItem::Received(_)));
        let mut contexts = self.parts.agents.contexts(received.cloned().collect()).await;
        for (delivery, permit, claimed) in permitted {
            let context = contexts.remove(&delivery.id);
            let span = tracing::info_span!(
                "delivery",
                delivery.id = %delivery.id,
                account.sid = %delivery.account,
                message.sid = delivery.item.message().map(tracing::field::display)
            );
            let attempt = async move { claimed.worker.attempt(delivery, context, permit).await };
            tokio::spawn(attempt.instrument(span));
        }
    }

    async fn attempt(&self, delivery: Delivery, context: Option<DeliveryContext>, permit: Permit) {
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
        let answering = match &answered {
            Err(failed) if failed.retry == Retry::Later => Answering::No,
            Ok(_) | Err(_) => Answering::Yes,
        };
        match answering {
            Answering::Yes => permit.succeeded(),
            Answering::No => permit.failed(),
        }
        if let Some(agent) = &delivery.agent {
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
        match &answered {
            Err(failed) if failed.retry == Retry::Later => permit.failed(),
            Ok(()) | Err(_) => permit.succeeded(),
        }
        match answered {
            Ok(()) => {
                let attempt = running.finish(AttemptOutcome::Accepted, None, None);
                self.record(delivery, attempt, Next::Delivered, None).await;
            }
            Err(failed) => self.fail(delivery, &running, failed).await,
        }
    }

    async fn postpone(&self, deliveries: &[(Delivery, Duration)]) {
        for (delivery, _) in deliveries {
            // The webhook need not wait for it.
            drop(self.parts.waiters.take(&delivery.id));
        }
        let postponed = self.parts.store.postpone(&self.parts.holder, deliveries).await;
        if let Err(error) = postponed {
            tracing::warn!(error = %Causes(&error), "deliveries could not be postponed");
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
        let Some(waiter) = waiter else { return };
        if recorded == Some(Recorded::Recorded) && !waiter.reply(offered) {
            let outcome = OfferOutcome::Withdrawn;
            let settled =
                self.parts.outgoing.settle_offer(delivery.account, message, outcome).await;
            if let Err(error) = settled {
                // They are looked up at Twilio later, and sent then.
                tracing::warn!(error = %Causes(&error), "replies are sent later");
            }
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
            Retry::Never => match (failed.outcome, &delivery.item) {
                (AttemptOutcome::OptedOut | AttemptOutcome::LoopStopped, _)
                | (AttemptOutcome::NoTarget, DeliveryItem::Event(_)) => Next::Canceled,
                _ => Next::Dead,
            },
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
