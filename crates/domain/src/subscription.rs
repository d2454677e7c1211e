//! Subscriptions to events.

use ring::digest::{SHA256, digest};

use crate::delivery::{
    AttemptOutcome, AttemptResult, Delivery, DeliveryItem, DeliveryState, DeliveryTarget,
    EventItem, EventLane, QueueOwner,
};
use crate::event::{Event, EventKind, EventTypes};
use crate::identifier::{DeliveryId, OrganizationId, SubscriptionId};
use crate::string_enum;
use crate::time::Timestamp;
use crate::web_address::WebUrl;

string_enum! {
    /// Why nothing is delivered to a target.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum DisabledReason {
        /// An operator disabled it.
        Operator = "operator",
        /// It answered 410: it does not exist any more.
        Gone = "gone",
    }
}

/// Whether events are delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubscriptionState {
    /// They are.
    Enabled,
    /// They are not.
    Disabled {
        /// Why.
        reason: DisabledReason,
        /// Since when.
        since: Timestamp,
    },
}

/// An endpoint that receives the events of an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// Id of the subscription.
    pub id: SubscriptionId,
    /// The organization whose events are delivered.
    pub organization: OrganizationId,
    /// Where events are posted.
    pub url: WebUrl,
    /// Which events it receives.
    pub types: EventTypes,
    /// Whether it receives them.
    pub state: SubscriptionState,
    /// When it was added.
    pub created_at: Timestamp,
}

impl Subscription {
    /// The delivery of an event of its organization; `None` if it does not receive the event. The id follows from the event and
    /// the subscription, so that the transaction that stores the delivery can be repeated.
    pub fn delivery(&self, event: &Event) -> Option<Delivery> {
        let is_wanted = self.state == SubscriptionState::Enabled
            && self.organization == event.organization
            && self.types.selects(event.kind)
            && !self.is_subject(event);
        if !is_wanted {
            return None;
        }
        let key = format!("{}/{}", event.id, self.id);
        let mut random = [0; 10];
        for (byte, of_digest) in random.iter_mut().zip(digest(&SHA256, key.as_bytes()).as_ref()) {
            *byte = *of_digest;
        }
        Some(Delivery {
            id: DeliveryId::new(event.at, random),
            organization: event.organization.clone(),
            account: event.account,
            owner: QueueOwner::Subscription(self.id.clone()),
            agent: None,
            item: DeliveryItem::Event(EventItem {
                event: event.id.clone(),
                kind: event.kind,
                lane: EventLane::of_subject(&event.subject),
            }),
            state: DeliveryState::Pending,
            attempts: Vec::new(),
            earlier_attempts: 0,
            next_attempt_at: None,
            created_at: event.at,
        })
    }

    /// Whether the event says that a delivery to this subscription failed.
    fn is_subject(&self, event: &Event) -> bool {
        event.kind == EventKind::DeliveryDead
            && event.data.text("subscription_id") == Some(self.id.as_str())
    }
}

/// The target whose endpoint does not exist any more, as the result of an attempt says, and the URL of that endpoint: the
/// target is disabled only while it still has this URL. An account is no such target.
pub fn disabled_by<'a>(
    delivery: &Delivery,
    result: &'a AttemptResult,
) -> Option<(DeliveryTarget, &'a WebUrl)> {
    let is_gone = result.attempt.outcome == AttemptOutcome::Gone;
    let target = delivery.target();
    let endpoint = result.endpoint.as_ref()?;
    (is_gone && !matches!(target, DeliveryTarget::Account(_))).then_some((target, endpoint))
}

#[cfg(test)]
mod tests;
