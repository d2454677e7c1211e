//! Distributes events, and delivers them to the endpoints of subscriptions.

use std::sync::Arc;
use std::time::Duration;

use switchboard_application::ReplyWaiters;
use switchboard_domain::causes::Causes;
use switchboard_domain::delivery::{AttemptOutcome, Delivery, EventItem, QueueOwner};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{EventEndpoint, EventOutbox, EventStore};
use switchboard_domain::subscription::SubscriptionState;
use tokio::time::sleep;

use crate::failed_attempt::FailedAttempt;
use crate::subscriptions::Subscriptions;

/// How often the store is asked for events that wait to be distributed.
const DISTRIBUTE_EVERY: Duration = Duration::from_millis(100);
/// The maximum number of events that are distributed in one transaction.
const MAX_EVENTS: u32 = 200;
/// The wait after a failure of the store.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

/// Delivers events to the endpoints of subscriptions.
pub struct EventDelivery {
    /// The stored events.
    pub events: Arc<dyn EventStore>,
    /// The subscriptions, with the secrets of their endpoints.
    pub subscriptions: Subscriptions,
    /// Posts events to subscribers.
    pub endpoint: Arc<dyn EventEndpoint>,
}

impl EventDelivery {
    /// Makes one attempt.
    pub(crate) async fn attempt(
        &self,
        delivery: &Delivery,
        item: &EventItem,
    ) -> Result<(), FailedAttempt> {
        let removed = |what| FailedAttempt::never(AttemptOutcome::NoTarget, what);
        let QueueOwner::Subscription(id) = &delivery.owner else {
            return Err(removed("the delivery names no subscription"));
        };
        let scope = Scope::Organization(delivery.organization.clone());
        let subscription = self.subscriptions.store.find(&scope, id).await?;
        let subscription =
            subscription.ok_or_else(|| removed("the subscription does not exist any more"))?;
        if let SubscriptionState::Disabled { .. } = subscription.state {
            let detail = "the subscription is disabled";
            return Err(FailedAttempt::never(AttemptOutcome::TargetDisabled, detail));
        }
        let place = (delivery.created_at, item.event.clone());
        let event = self.events.at(&scope, &place).await?;
        let event = event.ok_or_else(|| removed("the event is not stored any more"))?;
        let secrets = self.subscriptions.signing(&scope, id).await?;
        if secrets.is_empty() {
            return Err(FailedAttempt::later(
                AttemptOutcome::NoTarget,
                "the subscription has no secret",
            ));
        }
        let now = self.subscriptions.clock.now();
        let url = &subscription.url;
        self.endpoint.deliver(url, &secrets, &event, now).await.map_err(FailedAttempt::at(url))
    }
}

/// Makes deliveries of events.
pub struct EventDistributor {
    /// The events that wait.
    pub store: Arc<dyn EventOutbox>,
    /// Wakes the worker.
    pub waiters: Arc<ReplyWaiters>,
}

impl EventDistributor {
    /// Distributes events, forever.
    pub async fn run(&self) {
        let mut limit = MAX_EVENTS;
        loop {
            let distributed = self.store.distribute(limit).await;
            limit = if distributed.is_ok() { raised(limit) } else { lowered(limit) };
            let wait = match distributed {
                Ok(0) => DISTRIBUTE_EVERY,
                Ok(_) => {
                    self.waiters.wake();
                    Duration::ZERO
                }
                Err(error) => {
                    tracing::warn!(error = %Causes(&error), "events could not be distributed");
                    AFTER_FAILURE
                }
            };
            sleep(wait).await;
        }
    }
}

/// How many events are distributed in the transaction after one that succeeded.
const fn raised(limit: u32) -> u32 {
    if limit >= MAX_EVENTS / 2 { MAX_EVENTS } else { limit * 2 }
}

/// How many events are distributed after a failure: a transaction that took too long, because an organization has many
/// subscriptions, would take as long again.
const fn lowered(limit: u32) -> u32 {
    if limit < 4 { 1 } else { limit / 4 }
}

#[cfg(test)]
mod tests {
    use super::{MAX_EVENTS, lowered, raised};

    #[test]
    fn failures_make_the_transactions_smaller_until_they_succeed() {
        let mut limit = MAX_EVENTS;
        let failed = std::iter::from_fn(|| {
            limit = lowered(limit);
            Some(limit)
        });
        assert_eq!(failed.take(6).collect::<Vec<_>>(), [50, 12, 3, 1, 1, 1]);
        let done = std::iter::from_fn(|| {
            limit = raised(limit);
            Some(limit)
        });
        assert_eq!(done.take(9).collect::<Vec<_>>(), [2, 4, 8, 16, 32, 64, 128, 200, 200]);
    }
}
