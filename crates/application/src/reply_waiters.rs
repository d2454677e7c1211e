//! Webhooks that wait for the reply to their message.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use switchboard_domain::delivery::OutgoingContent;
use switchboard_domain::identifier::DeliveryId;
use tokio::sync::{Notify, oneshot};
use tokio::time::{Instant, timeout, timeout_at};

/// How long a webhook waits for a reply that is being stored when its time is over.
const STORING: Duration = Duration::from_secs(2);

/// Connects webhooks with the worker that delivers their messages in the same process. A reply that arrives in time is
/// part of the answer to the webhook.
#[derive(Debug, Default)]
pub struct ReplyWaiters {
    waiting: Mutex<HashMap<DeliveryId, oneshot::Sender<Vec<OutgoingContent>>>>,
    work: Notify,
}

/// A webhook that waits. Whoever takes it decides what it gets; dropping it ends the wait without a reply.
#[derive(Debug)]
pub struct Waiter(oneshot::Sender<Vec<OutgoingContent>>);

impl Waiter {
    /// Passes the replies to the webhook. Returns whether it still waited.
    #[must_use]
    pub fn reply(self, replies: Vec<OutgoingContent>) -> bool {
        self.0.send(replies).is_ok()
    }
}

impl ReplyWaiters {
    /// Begins to wait for the reply to a message that is about to be stored.
    pub(crate) fn register(&self, delivery: &DeliveryId) -> Waiting<'_> {
        let (sender, replies) = oneshot::channel();
        self.waiting().insert(delivery.clone(), sender);
        Waiting { waiters: self, delivery: delivery.clone(), replies }
    }

    /// Takes the webhook that waits for the reply to a message; `None` if none does. Only one caller gets it.
    pub fn take(&self, delivery: &DeliveryId) -> Option<Waiter> {
        self.waiting().remove(delivery).map(Waiter)
    }

    /// Wakes the worker, because a delivery may be due.
    pub fn wake(&self) {
        self.work.notify_one();
    }

    /// Waits until a delivery may be due.
    pub async fn woken(&self) {
        self.work.notified().await;
    }

    fn waiting(
        &self,
    ) -> MutexGuard<'_, HashMap<DeliveryId, oneshot::Sender<Vec<OutgoingContent>>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The wait for a reply. Dropping it ends the wait.
#[derive(Debug)]
pub(crate) struct Waiting<'a> {
    waiters: &'a ReplyWaiters,
    delivery: DeliveryId,
    replies: oneshot::Receiver<Vec<OutgoingContent>>,
}

impl Waiting<'_> {
    /// The replies that arrive in time. Nothing is returned that was not offered to this webhook.
    pub(crate) async fn replies(mut self, deadline: Instant) -> Vec<OutgoingContent> {
        if let Ok(replies) = timeout_at(deadline, &mut self.replies).await {
            return replies.unwrap_or_default();
        }
        if self.waiters.take(&self.delivery).is_some() {
            return Vec::new();
        }
        // The worker has taken this webhook, and is about to pass replies to it.
        let replies = timeout(STORING, &mut self.replies).await;
        replies.map(Result::unwrap_or_default).unwrap_or_default()
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.waiters.waiting().remove(&self.delivery);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use switchboard_domain::delivery::OutgoingContent;
    use switchboard_domain::identifier::DeliveryId;
    use switchboard_domain::message::Body;
    use switchboard_domain::time::Timestamp;
    use tokio::time::{Instant, sleep};

    use super::{ReplyWaiters, STORING};

    const BUDGET: Duration = Duration::from_secs(8);

    fn id() -> DeliveryId {
        DeliveryId::new(Timestamp::from_seconds(0), [1; 10])
    }

    fn reply() -> Vec<OutgoingContent> {
        vec![OutgoingContent { body: Body::new("hello"), media: Vec::new() }]
    }

    #[tokio::test(start_paused = true)]
    async fn a_reply_in_time_is_passed_on_and_a_dropped_waiter_ends_the_wait() {
        let waiters = ReplyWaiters::default();
        for replies in [reply(), Vec::new()] {
            let (waiting, begun) = (waiters.register(&id()), Instant::now());
            let waiter = waiters.take(&id()).unwrap();
            assert!(waiters.take(&id()).is_none());
            if replies.is_empty() {
                drop(waiter);
            } else {
                assert!(waiter.reply(replies.clone()));
            }
            assert_eq!(waiting.replies(begun + BUDGET).await, replies);
            assert_eq!(begun.elapsed(), Duration::ZERO);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_can_take_a_webhook_whose_time_is_over() {
        let waiters = ReplyWaiters::default();
        let (waiting, begun) = (waiters.register(&id()), Instant::now());
        assert_eq!(waiting.replies(begun + BUDGET).await, []);
        assert_eq!(begun.elapsed(), BUDGET);
        assert!(waiters.take(&id()).is_none());
        drop(waiters.register(&id()));
        assert!(waiters.take(&id()).is_none());
    }

    /// Either the webhook gets the reply, or whoever passes it on knows that it did not.
    #[tokio::test(start_paused = true)]
    async fn at_the_edge_of_the_budget_both_sides_agree() {
        for offset in 0..1_000_u64 {
            let waiters = ReplyWaiters::default();
            let waiting = waiters.register(&id());
            let deadline = Instant::now() + Duration::from_millis(500);
            let worker = async {
                sleep(Duration::from_millis(offset)).await;
                let Some(waiter) = waiters.take(&id()) else { return false };
                sleep(Duration::from_millis(offset * 37 % 3_000)).await;
                waiter.reply(reply())
            };
            let (is_passed_on, replies) = tokio::join!(worker, waiting.replies(deadline));
            assert_eq!(is_passed_on, !replies.is_empty(), "{offset} ms");
        }
        assert!(STORING > Duration::from_secs(1));
    }
}
