//! The events of deliveries.

use super::{About, Event, EventData, EventKind, Novelty};
use crate::delivery::{
    Attempt, AttemptOutcome, AttemptResult, Delivery, DeliveryItem, Next, QueueOwner, SendState,
};
use crate::identifier::{AgentId, ConversationId, SubscriptionId};
use crate::message::Direction;
use crate::sid::MessageSid;
use crate::time::Timestamp;

const DAY: i64 = 86_400;

/// What the result of an attempt says that has happened. `delivery` is the delivery as it was before.
pub fn events_of_attempt(delivery: &Delivery, result: &AttemptResult) -> Vec<Event> {
    let (attempt, at) = (&result.attempt, result.attempt.at);
    let (direction, outgoing) = match &delivery.item {
        DeliveryItem::Received(_) | DeliveryItem::Event(_) => (Direction::Inbound, None),
        DeliveryItem::Outgoing(outgoing) => (Direction::Outbound, Some(outgoing)),
    };
    let about = |subject| About {
        organization: &delivery.organization,
        account: delivery.account,
        subject,
        direction,
        from: outgoing.map(|outgoing| &outgoing.from),
        to: outgoing.map(|outgoing| &outgoing.to),
    };
    // A status callback can report that Twilio has the message while the attempt is running. Then it is sent, however the
    // attempt ends.
    let is_confirmed = outgoing.is_some_and(|known| known.progress.state == SendState::Sent);
    let message = delivery.item.message();
    let data = data(delivery);
    let why = |data: EventData| why(data, attempt);
    let mut events = Vec::new();
    if let (Some(_), Some(progress)) = (outgoing, &result.progress) {
        let data = data
            .clone()
            .with("message_sid", progress.sid.as_ref().map(MessageSid::as_str))
            .with("in_reply_to", message.as_ref().map(MessageSid::as_str));
        let is_over = !is_confirmed && matches!(result.next, Next::Dead | Next::Canceled);
        match (progress.state, &progress.sid) {
            (SendState::Sent, Some(sid)) => {
                let data = data.with("status", "accepted").with("error_code", None::<u32>);
                let subject = sid.as_str();
                events.push(about(subject).event(
                    EventKind::MessageSent,
                    at,
                    &Novelty::Once(""),
                    data,
                ));
            }
            // Whether the contact gets a message with an unknown outcome is not known.
            (SendState::Planned | SendState::Offered | SendState::Refused, _) if is_over => {
                let (subject, occurrence) = (delivery.id.as_str(), at.micros().to_string());
                let novelty = Novelty::Once(&occurrence);
                let data = why(data).with("status", "failed");
                events.push(about(subject).event(EventKind::MessageFailed, at, &novelty, data));
            }
            _ => {}
        }
    }
    if result.next == Next::Dead && !is_confirmed && is_reported(delivery, attempt) {
        // A delivery that is replayed can die again.
        let (subject, occurrence) = (delivery.id.as_str(), at.micros().to_string());
        let novelty = Novelty::Once(&occurrence);
        let data = why(data.clone())
            .with("kind", delivery.item.kind())
            .with("message_sid", message.as_ref().map(MessageSid::as_str));
        events.push(about(subject).event(EventKind::DeliveryDead, at, &novelty, data));
    }
    events
}

/// That an attempt has disabled the target of its delivery.
pub fn event_of_disabled_target(delivery: &Delivery, result: &AttemptResult) -> Option<Event> {
    let (attempt, at) = (&result.attempt, result.attempt.at);
    let (subject, occurrence) = disabled(delivery, at)?;
    let about = About {
        organization: &delivery.organization,
        account: delivery.account,
        subject,
        direction: Direction::Inbound,
        from: None,
        to: None,
    };
    let data = why(data(delivery), attempt);
    Some(about.event(EventKind::TargetDisabled, at, &Novelty::Once(&occurrence), data))
}

/// Whether the death of a delivery is an event. That of an event about a delivery is none, so that two endpoints that are down do
/// not cause events about each other without end. That a subscription is disabled or removed is reported once, not for each event.
const fn is_reported(delivery: &Delivery, attempt: &Attempt) -> bool {
    let DeliveryItem::Event(item) = &delivery.item else { return true };
    !item.kind.is_about_delivery()
        && !matches!(attempt.outcome, AttemptOutcome::NoTarget | AttemptOutcome::TargetDisabled)
}

fn data(delivery: &Delivery) -> EventData {
    let data = EventData::default()
        .with("delivery_id", delivery.id.as_str())
        .with("agent_id", delivery.agent.as_ref().map(AgentId::as_str))
        .with("conversation_id", delivery.conversation().map(ConversationId::as_str));
    match &delivery.owner {
        QueueOwner::Conversation(_) => data,
        QueueOwner::Subscription(id) => data.with("subscription_id", SubscriptionId::as_str(id)),
    }
}

fn why(data: EventData, attempt: &Attempt) -> EventData {
    data.with("reason", attempt.outcome.as_str()).with("error_code", attempt.code)
}

/// The target that is gone, and what distinguishes this time from earlier ones: each delivery to such a target says so.
fn disabled(delivery: &Delivery, at: Timestamp) -> Option<(&str, String)> {
    let day = || at.seconds().div_euclid(DAY).to_string();
    match (&delivery.owner, &delivery.agent) {
        (QueueOwner::Subscription(id), _) => Some((id.as_str(), at.micros().to_string())),
        (QueueOwner::Conversation(_), Some(agent)) => Some((agent.as_str(), day())),
        (QueueOwner::Conversation(_), None) => None,
    }
}
