//! Webhooks that wait for the reply to their message.

mod offer;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use switchboard_domain::identifier::{AgentId, DeliveryId, OrganizationId};
use tokio::sync::{Notify, oneshot};
use tokio::time::{Instant, timeout, timeout_at};

pub use self::offer::{OfferedReply, ReplyOffer};

/// How long a webhook waits for a reply that is being stored when its time is over.
const STORING: Duration = Duration::from_secs(2);

/// The maximum number of webhooks that wait. One organization gets at most as many places as are left.
const MAX_WAITING: usize = 4_096;
/// How long no webhook waits for an agent whose endpoint failed: its messages wait for another attempt. This is longer than
/// the 60 seconds of an open circuit breaker and the 15 seconds of the attempt after it. The first answer of the endpoint
/// ends it.
const AFTER_FAILURE: Duration = Duration::from_secs(90);
/// The maximum number of agents whose failures are remembered.
const MAX_FAILED: usize = 10_000;

/// Connects webhooks with the worker that delivers their messages in the same process. A reply that arrives in time is
/// part of the answer to the webhook.
#[derive(Debug, Default)]
pub struct ReplyWaiters {
    state: Mutex<State>,
    work: Notify,
}

#[derive(Debug, Default)]
struct State {
    waiting: HashMap<DeliveryId, Place>,
    /// How many webhooks of each organization wait.
    organizations: HashMap<OrganizationId, usize>,
    /// Until when no webhook waits for these agents.
    failed: HashMap<AgentId, Instant>,
}

#[derive(Debug)]
struct Place {
    organization: OrganizationId,
    sender: oneshot::Sender<ReplyOffer>,
}

impl State {
    fn has_place(&self, organization: &OrganizationId) -> bool {
        let left = MAX_WAITING.saturating_sub(self.waiting.len());
        self.organizations.get(organization).copied().unwrap_or_default() < left
    }

    fn remove(&mut self, delivery: &DeliveryId) -> Option<oneshot::Sender<ReplyOffer>> {
        let Place { organization, sender } = self.waiting.remove(delivery)?;
        if let Entry::Occupied(mut count) = self.organizations.entry(organization) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
        Some(sender)
    }
}

/// A webhook that waits. Whoever takes it decides what it gets; dropping it ends the wait without a reply.
#[derive(Debug)]
pub struct Waiter(oneshot::Sender<ReplyOffer>);

impl Waiter {
    /// Passes the replies to the webhook. They are withdrawn if it does not wait any more.
    pub fn reply(self, offer: ReplyOffer) {
        drop(self.0.send(offer));
    }
}

impl ReplyWaiters {
    /// Begins to wait for the reply to a message that is about to be stored. Returns `None` if waiting is of no use,
    /// because the endpoint of the agent failed a moment ago, or if too many webhooks wait.
    pub(crate) fn register(
        &self,
        delivery: &DeliveryId,
        organization: &OrganizationId,
        agent: Option<&AgentId>,
    ) -> Option<Waiting<'_>> {
        let mut state = self.state();
        let until = agent.and_then(|agent| state.failed.get(agent));
        if until.is_some_and(|until| Instant::now() < *until) || !state.has_place(organization) {
            return None;
        }
        let (sender, replies) = oneshot::channel();
        *state.organizations.entry(organization.clone()).or_default() += 1;
        let place = Place { organization: organization.clone(), sender };
        state.waiting.insert(delivery.clone(), place);
        Some(Waiting { waiters: self, delivery: delivery.clone(), replies })
    }

    /// Takes the webhook that waits for the reply to a message; `None` if none does. Only one caller gets it.
    pub fn take(&self, delivery: &DeliveryId) -> Option<Waiter> {
        self.state().remove(delivery).map(Waiter)
    }

    /// Remembers whether the endpoint of an agent answers.
    pub fn set_answering(&self, agent: &AgentId, is: Answering) {
        let mut state = self.state();
        match is {
            Answering::Yes => {
                state.failed.remove(agent);
            }
            Answering::No => {
                let now = Instant::now();
                if state.failed.len() >= MAX_FAILED {
                    state.failed.retain(|_, until| now < *until);
                }
                if state.failed.len() < MAX_FAILED {
                    state.failed.insert(agent.clone(), now + AFTER_FAILURE);
                }
            }
        }
    }

    /// Wakes the worker, because a delivery may be due.
    pub fn wake(&self) {
        self.work.notify_one();
    }

    /// Waits until a delivery may be due.
    pub async fn woken(&self) {
        self.work.notified().await;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the endpoint of an agent answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answering {
    /// The last delivery was answered.
    Yes,
    /// The last delivery failed.
    No,
}

/// The wait for a reply. Dropping it ends the wait.
#[derive(Debug)]
pub(crate) struct Waiting<'a> {
    waiters: &'a ReplyWaiters,
    delivery: DeliveryId,
    replies: oneshot::Receiver<ReplyOffer>,
}

impl Waiting<'_> {
    /// The replies that arrive in time; `None` if none do. Nothing is returned that was not offered to this webhook.
    pub(crate) async fn replies(mut self, deadline: Instant) -> Option<ReplyOffer> {
        if let Ok(offer) = timeout_at(deadline, &mut self.replies).await {
            return offer.ok();
        }
        if self.waiters.take(&self.delivery).is_some() {
            return None;
        }
        // The worker has taken this webhook, and is about to pass replies to it.
        timeout(STORING, &mut self.replies).await.ok()?.ok()
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.waiters.state().remove(&self.delivery);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use switchboard_domain::delivery::OutgoingContent;
    use switchboard_domain::identifier::{AgentId, DeliveryId, OrganizationId};
    use switchboard_domain::time::Timestamp;
    use tokio::time::Instant;

    use super::{AFTER_FAILURE, Answering, MAX_WAITING, ReplyOffer, ReplyWaiters, Waiting};
    use crate::reply_waiters::OfferedReply;

    const BUDGET: Duration = Duration::from_secs(8);

    fn id() -> DeliveryId {
        DeliveryId::new(Timestamp::from_seconds(0), [1; 10])
    }

    fn organization(n: u8) -> OrganizationId {
        OrganizationId::new(Timestamp::from_seconds(0), [n; 10])
    }

    fn register(waiters: &ReplyWaiters) -> Waiting<'_> {
        waiters.register(&id(), &organization(1), None).unwrap()
    }

    fn reply() -> Vec<OfferedReply> {
        let content = OutgoingContent::of_text("hello");
        vec![OfferedReply { delivery: id(), content }]
    }

    async fn replies(waiting: Waiting<'_>, deadline: Instant) -> Vec<OfferedReply> {
        let offer = waiting.replies(deadline).await;
        offer.map(|offer| offer.replies().to_vec()).unwrap_or_default()
    }

    #[tokio::test(start_paused = true)]
    async fn a_reply_in_time_is_passed_on_and_a_dropped_waiter_ends_the_wait() {
        let waiters = ReplyWaiters::default();
        for offered in [reply(), Vec::new()] {
            let (waiting, begun) = (register(&waiters), Instant::now());
            let waiter = waiters.take(&id()).unwrap();
            assert!(waiters.take(&id()).is_none());
            if offered.is_empty() {
                drop(waiter);
            } else {
                waiter.reply(ReplyOffer::unstored(offered.clone()));
            }
            assert_eq!(replies(waiting, begun + BUDGET).await, offered);
            assert_eq!(begun.elapsed(), Duration::ZERO);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_can_take_a_webhook_whose_time_is_over() {
        let waiters = ReplyWaiters::default();
        let (waiting, begun) = (register(&waiters), Instant::now());
        assert_eq!(replies(waiting, begun + BUDGET).await, []);
        assert_eq!(begun.elapsed(), BUDGET);
        assert!(waiters.take(&id()).is_none());
        drop(register(&waiters));
        assert!(waiters.take(&id()).is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn no_webhook_waits_for_an_agent_that_does_not_answer() {
        let (waiters, agent) =
            (ReplyWaiters::default(), AgentId::new(Timestamp::from_seconds(0), [1; 10]));
        let waits = || waiters.register(&id(), &organization(1), Some(&agent)).is_some();
        waiters.set_answering(&agent, Answering::No);
        assert!(!waits());
        waiters.set_answering(&agent, Answering::Yes);
        assert!(waits());
        waiters.set_answering(&agent, Answering::No);
        tokio::time::advance(AFTER_FAILURE).await;
        assert!(waits());
    }

    #[test]
    fn an_organization_leaves_places_for_others() {
        let waiters = ReplyWaiters::default();
        let all_of = |n: u8| {
            let of = organization(n);
            let mut random = [n; 10];
            let places = (0..MAX_WAITING).map_while(|place| {
                random[..8].copy_from_slice(&(place as u64).to_be_bytes());
                let id = DeliveryId::new(Timestamp::from_seconds(0), random);
                waiters.register(&id, &of, None)
            });
            places.collect::<Vec<_>>()
        };
        let (ours, theirs) = (all_of(1), all_of(2));
        assert_eq!((ours.len(), theirs.len()), (MAX_WAITING / 2, MAX_WAITING / 4));
        assert!(waiters.register(&id(), &organization(3), None).is_some());
        drop((ours, theirs));
        assert!(waiters.state().organizations.is_empty() && waiters.state().waiting.is_empty());
    }
}
