//! Takes due deliveries from the store and attempts them.

mod attempts;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use switchboard_application::ReplyWaiters;
use switchboard_domain::causes::Causes;
use switchboard_domain::delivery::{Delivery, DeliveryItem};
use switchboard_domain::identifier::DeliveryId;
use switchboard_domain::ports::{
    Clock, DeliveryQueue, Identifiers, LeaseHolder, OutgoingStore, Randomness,
};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tracing::Instrument as _;

use crate::agent_delivery::AgentDelivery;
use crate::event_delivery::EventDelivery;
use crate::in_flight::{InFlight, LEASE};
use crate::results::Results;
use crate::sending::Sending;
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
                Ok(renewed) => self.in_flight.renewed(&renewed, requested),
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
}
