use std::time::Duration;

use super::{DisabledReason, Subscription, SubscriptionState, disabled_by};
use crate::delivery::{Attempt, AttemptOutcome, AttemptResult, DeliveryItem, DeliveryTarget, Next};
use crate::event::{
    Event, EventData, EventKind, EventTypes, event_of_disabled_target, events_of_attempt,
};
use crate::identifier::{EventId, OrganizationId, SubscriptionId};
use crate::message::Direction;
use crate::sid::AccountSid;
use crate::time::Timestamp;
use crate::web_address::WebUrl;

fn organization(n: u8) -> OrganizationId {
    OrganizationId::new(Timestamp::from_seconds(0), [n; 10])
}

fn subscription(types: &str) -> Subscription {
    Subscription {
        id: SubscriptionId::new(Timestamp::from_seconds(0), [1; 10]),
        organization: organization(1),
        url: WebUrl::parse("https://example.com/events").unwrap(),
        types: EventTypes::parse(types).unwrap(),
        state: SubscriptionState::Enabled,
        created_at: Timestamp::from_seconds(0),
    }
}

fn event(kind: EventKind) -> Event {
    Event {
        id: EventId::new(Timestamp::from_seconds(10), [7; 10]),
        organization: organization(1),
        kind,
        at: Timestamp::from_seconds(10),
        account: AccountSid::parse("AC00000000000000000000000000000001").unwrap(),
        subject: "CA1".to_owned(),
        direction: Direction::Inbound,
        from: None,
        to: None,
        data: EventData::default(),
        once_key: None,
    }
}

fn ended(subscription: &Subscription, kind: EventKind, outcome: AttemptOutcome) -> Vec<Event> {
    let delivery = subscription.delivery(&event(kind)).unwrap();
    let at = Timestamp::from_seconds(20);
    let attempt = Attempt { at, milliseconds: 1, outcome, code: None, detail: None };
    let id = delivery.id.clone();
    let result = AttemptResult {
        delivery: id,
        attempt,
        endpoint: Some(subscription.url.clone()),
        next: Next::Dead,
        progress: None,
        replies: Vec::new(),
    };
    let is_gone = outcome == AttemptOutcome::Gone;
    let target = is_gone.then(|| (delivery.target(), &subscription.url));
    assert_eq!(disabled_by(&delivery, &result), target);
    let disabled = target.and_then(|_| event_of_disabled_target(&delivery, &result));
    events_of_attempt(&delivery, &result).into_iter().chain(disabled).collect()
}

fn kinds(events: &[Event]) -> Vec<EventKind> {
    events.iter().map(|event| event.kind).collect()
}

#[test]
fn an_event_is_delivered_to_enabled_subscriptions_of_its_organization_and_type() {
    let ours = subscription("call.*");
    let delivery = ours.delivery(&event(EventKind::CallEnded)).unwrap();
    assert_eq!(delivery.target(), DeliveryTarget::Subscription(ours.id.clone()));
    assert_eq!(
        Some(delivery.id.clone()),
        ours.delivery(&event(EventKind::CallEnded)).map(|d| d.id)
    );
    let DeliveryItem::Event(item) = &delivery.item else { panic!("{delivery:?}") };
    assert_eq!(item.kind, EventKind::CallEnded);
    assert_eq!(delivery.queue(), format!("{}/{}", ours.id, item.lane.as_str()));
    assert_eq!(ours.delivery(&event(EventKind::MessageReceived)), None);
    let theirs = Event { organization: organization(2), ..event(EventKind::CallEnded) };
    assert_eq!(ours.delivery(&theirs), None);
    let state = SubscriptionState::Disabled {
        reason: DisabledReason::Operator,
        since: Timestamp::from_seconds(5),
    };
    assert_eq!(Subscription { state, ..ours }.delivery(&event(EventKind::CallEnded)), None);
}

#[test]
fn a_dead_delivery_of_an_event_is_an_event_for_other_subscriptions_only() {
    let ours = subscription("*");
    let reported = ended(&ours, EventKind::CallEnded, AttemptOutcome::BadStatus);
    assert_eq!(kinds(&reported), [EventKind::DeliveryDead]);
    assert_eq!(reported[0].data.text("subscription_id"), Some(ours.id.as_str()));
    assert_eq!(reported[0].data.text("kind"), Some("event"));
    assert_eq!(ours.delivery(&reported[0]), None);
    let id = SubscriptionId::new(Timestamp::from_seconds(0), [2; 10]);
    let other = Subscription { id, ..ours };
    assert!(other.delivery(&reported[0]).is_some());
    // That it fails, too, is no event: otherwise each would report the other without end.
    assert_eq!(ended(&other, EventKind::DeliveryDead, AttemptOutcome::BadStatus), []);
    assert_eq!(ended(&other, EventKind::TargetDisabled, AttemptOutcome::BadStatus), []);
    let gone = ended(&other, EventKind::DeliveryDead, AttemptOutcome::Gone);
    assert_eq!(kinds(&gone), [EventKind::TargetDisabled]);
}

#[test]
fn a_subscription_that_is_gone_is_reported_once() {
    let ours = subscription("*");
    let reported = ended(&ours, EventKind::CallEnded, AttemptOutcome::Gone);
    assert_eq!(kinds(&reported), [EventKind::DeliveryDead, EventKind::TargetDisabled]);
    assert_eq!(reported[1].subject, ours.id.as_str());
    assert_eq!(ended(&ours, EventKind::CallEnded, AttemptOutcome::TargetDisabled), []);
    assert_eq!(ended(&ours, EventKind::CallEnded, AttemptOutcome::NoTarget), []);
}

#[test]
fn a_failed_attempt_is_no_event() {
    let ours = subscription("*");
    let delivery = ours.delivery(&event(EventKind::CallEnded)).unwrap();
    let attempt = Attempt {
        at: Timestamp::from_seconds(20),
        milliseconds: 1,
        outcome: AttemptOutcome::TimedOut,
        code: None,
        detail: None,
    };
    let next = Next::Retry(Duration::from_secs(5));
    let delivery_id = delivery.id.clone();
    let result = AttemptResult {
        delivery: delivery_id,
        attempt,
        endpoint: None,
        next,
        progress: None,
        replies: Vec::new(),
    };
    assert_eq!(events_of_attempt(&delivery, &result), []);
}
