//! The laws of [`EventOutbox`](switchboard_domain::ports::EventOutbox).

use std::collections::{BTreeMap, BTreeSet};

use switchboard_domain::delivery::{
    Attempt, AttemptOutcome, AttemptResult, Busy, Delivery, DeliveryItem, DeliveryState,
    DeliveryTarget, Next,
};
use switchboard_domain::event::Event;
use switchboard_domain::identifier::DeliveryId;
use switchboard_domain::ports::{DeliveryFilter, EventFilter, Recorded};
use switchboard_domain::subscription::{DisabledReason, Subscription, SubscriptionState};

use crate::concurrent::at_once;
use crate::delivery_queue::{self, MINUTE, claim, holder};
use crate::prelude::*;
use crate::subscriptions::{disabled, find, subscribe};
use crate::{Fixture, samples};

async fn distribute(fixture: &Fixture) -> u32 {
    fixture.event_outbox().distribute(100).await.unwrap()
}

/// A message arrives, which is an event.
async fn receive(fixture: &Fixture, n: u32, owner: &OrganizationId) {
    let message = samples::received(n, samples::account_sid(1), owner);
    fixture.messages().insert_once(&message).await.unwrap();
}

async fn progress(fixture: &Fixture, n: u32, status: MessageStatus, second: i64) {
    let account = samples::account_sid(1);
    let progress = samples::progress(n, account, &fixture.ours, status, second);
    fixture.messages().progress(&progress).await.unwrap();
}

async fn of_subscription(fixture: &Fixture, subscription: &Subscription) -> Vec<Delivery> {
    let filter =
        DeliveryFilter { subscription: Some(subscription.id.clone()), ..DeliveryFilter::default() };
    let deliveries = fixture.deliveries();
    deliveries.newest(&samples::operator(), &filter, &Page::first(1_000)).await.unwrap()
}

async fn events(fixture: &Fixture) -> Vec<Event> {
    let filter = EventFilter::default();
    fixture.events().newest(&samples::operator(), &filter, &Page::first(1_000)).await.unwrap()
}

fn result(delivery: &DeliveryId, outcome: AttemptOutcome, next: Next) -> AttemptResult {
    let attempt =
        Attempt { at: samples::at(50), milliseconds: 1, outcome, code: Some(410), detail: None };
    AttemptResult {
        delivery: delivery.clone(),
        attempt,
        endpoint: None,
        next,
        progress: None,
        replies: Vec::new(),
    }
}

/// The endpoint of a subscription answered that it does not exist any more.
fn answered_gone(delivery: &DeliveryId, endpoint: &WebUrl) -> AttemptResult {
    let result = result(delivery, AttemptOutcome::Gone, Next::Dead);
    AttemptResult { endpoint: Some(endpoint.clone()), ..result }
}

async fn record(fixture: &Fixture, result: &AttemptResult) {
    assert_eq!(delivery_queue::record(fixture, "worker", result).await, Recorded::Recorded);
}

#[laws(distribution::distribution_laws)]
pub mod laws {
    use super::*;

    /// An event becomes a delivery for each enabled subscription of its organization that receives its type. It is due at once,
    /// and stored exactly.
    pub async fn an_event_becomes_a_delivery_for_each_subscription(fixture: &Fixture) {
        let all = subscribe(fixture, 1, &fixture.ours, "*").await;
        let messages = subscribe(fixture, 2, &fixture.ours, "message.*").await;
        let calls = subscribe(fixture, 3, &fixture.ours, "call.*").await;
        let theirs = subscribe(fixture, 4, &fixture.theirs, "*").await;
        let off = subscribe(fixture, 5, &fixture.ours, "*").await;
        fixture.subscriptions().update(&fixture.us, None, &disabled(&off, 1)).await.unwrap();
        receive(fixture, 1, &fixture.ours).await;
        assert_eq!(distribute(fixture).await, 1);
        assert_eq!(distribute(fixture).await, 0);
        let event = events(fixture).await.remove(0);
        let mut claimed = claim(fixture, "worker", MINUTE).await;
        let mut expected: Vec<_> =
            [&all, &messages].map(|one| one.delivery(&event).unwrap()).into();
        claimed.sort_by_key(|delivery| delivery.id.clone());
        expected.sort_by_key(|delivery| delivery.id.clone());
        assert_eq!(claimed, expected);
        for one in [&all, &messages] {
            assert_eq!(of_subscription(fixture, one).await.len(), 1);
        }
        for one in [&calls, &theirs, &off] {
            assert_eq!(of_subscription(fixture, one).await, []);
        }
        let found = fixture.deliveries().find(&fixture.us, &expected[0].id).await.unwrap();
        assert_eq!(found.unwrap().state, DeliveryState::Delivering);
        assert_eq!(fixture.deliveries().find(&fixture.them, &expected[0].id).await.unwrap(), None);
    }

    /// What happened before an organization subscribed is not distributed.
    pub async fn earlier_events_are_not_distributed(fixture: &Fixture) {
        receive(fixture, 1, &fixture.ours).await;
        let theirs = subscribe(fixture, 1, &fixture.theirs, "*").await;
        receive(fixture, 2, &fixture.ours).await;
        let ours = subscribe(fixture, 2, &fixture.ours, "*").await;
        assert_eq!(distribute(fixture).await, 0);
        receive(fixture, 3, &fixture.ours).await;
        assert_eq!(distribute(fixture).await, 1);
        assert_eq!(of_subscription(fixture, &ours).await.len(), 1);
        assert_eq!(of_subscription(fixture, &theirs).await, []);
    }

    /// An event that is reported repeatedly is distributed once.
    pub async fn a_repeated_event_is_distributed_once(fixture: &Fixture) {
        let ours = subscribe(fixture, 1, &fixture.ours, "*").await;
        let call = samples::call(1, samples::account_sid(1), &fixture.ours);
        for _ in 0..3 {
            fixture.calls().record(std::slice::from_ref(&call)).await.unwrap();
            progress(fixture, 1, MessageStatus::Sent, 5).await;
            receive(fixture, 2, &fixture.ours).await;
            distribute(fixture).await;
        }
        let stored = events(fixture).await.len();
        assert!(stored >= 3, "{stored}");
        assert_eq!(of_subscription(fixture, &ours).await.len(), stored);
    }

    /// At most `limit` events are taken, oldest first, and concurrent calls take each once.
    pub async fn concurrent_calls_take_each_event_once(fixture: &Fixture) {
        let ours = subscribe(fixture, 1, &fixture.ours, "*").await;
        for n in 1..=20 {
            receive(fixture, n, &fixture.ours).await;
        }
        assert_eq!(fixture.event_outbox().distribute(3).await.unwrap(), 3);
        assert_eq!(of_subscription(fixture, &ours).await.len(), 3);
        let store = fixture.store();
        let taken = at_once(|_| {
            let store = Arc::clone(&store);
            async move {
                let mut taken = 0;
                while let more @ 1.. = store.event_outbox().distribute(2).await.unwrap() {
                    taken += more;
                }
                taken
            }
        })
        .await;
        assert_eq!(taken.iter().sum::<u32>(), 17);
        let delivered = of_subscription(fixture, &ours).await;
        let ids: BTreeSet<_> = delivered.iter().map(|delivery| delivery.id.clone()).collect();
        assert_eq!((delivered.len(), ids.len()), (20, 20));
    }

    /// Events about one subject are delivered in the order in which they were stored, one after the other, and those about
    /// others side by side, in no more than eight queues.
    pub async fn events_about_a_subject_keep_their_order(fixture: &Fixture) {
        subscribe(fixture, 1, &fixture.ours, "*").await;
        let statuses = [MessageStatus::Delivered, MessageStatus::Sent, MessageStatus::Failed];
        for status in statuses {
            for n in 1..=30 {
                progress(fixture, n, status, 5).await;
            }
            distribute(fixture).await;
        }
        let stored = events(fixture).await;
        let mut order: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        loop {
            let claimed = claim(fixture, "worker", MINUTE).await;
            assert!(claimed.len() <= 8, "{}", claimed.len());
            if claimed.is_empty() {
                break;
            }
            for delivery in claimed {
                let DeliveryItem::Event(item) = &delivery.item else { panic!("{delivery:?}") };
                let event = stored.iter().find(|event| event.id == item.event).unwrap();
                order.entry(event.subject.clone()).or_default().push(item.kind.as_str());
                let accepted = AttemptOutcome::Accepted;
                record(fixture, &result(&delivery.id, accepted, Next::Delivered)).await;
            }
        }
        assert_eq!(order.len(), 30);
        let expected = ["message.delivered", "message.sent", "message.failed"];
        assert!(order.values().all(|kinds| *kinds == expected), "{order:?}");
    }

    /// A busy subscription is left out, and others are not.
    pub async fn a_busy_subscription_is_left_out(fixture: &Fixture) {
        let busy = subscribe(fixture, 1, &fixture.ours, "*").await;
        let free = subscribe(fixture, 2, &fixture.ours, "*").await;
        receive(fixture, 1, &fixture.ours).await;
        distribute(fixture).await;
        let busy = Busy { targets: vec![DeliveryTarget::Subscription(busy.id)], ..Busy::default() };
        let claimed =
            fixture.delivery_queue().claim(&holder("one"), MINUTE, 10, &busy).await.unwrap();
        let targets: Vec<_> = claimed.iter().map(Delivery::target).collect();
        assert_eq!(targets, [DeliveryTarget::Subscription(free.id)]);
    }

    /// A subscription whose endpoint is gone is disabled with the result of the attempt, which is an event for others. One that
    /// an operator disabled before keeps its reason.
    pub async fn a_subscription_that_is_gone_is_disabled(fixture: &Fixture) {
        let gone = subscribe(fixture, 1, &fixture.ours, "message.received").await;
        let other = subscribe(fixture, 2, &fixture.ours, "target.disabled").await;
        receive(fixture, 1, &fixture.ours).await;
        receive(fixture, 2, &fixture.ours).await;
        distribute(fixture).await;
        let claimed = claim(fixture, "worker", MINUTE).await;
        record(fixture, &answered_gone(&claimed[0].id, &gone.url)).await;
        let state = find(fixture, &gone).await.unwrap().state;
        let (reason, since) = (DisabledReason::Gone, samples::at(50));
        assert_eq!(state, SubscriptionState::Disabled { reason, since });
        // That the delivery is dead is an event, too, which nobody receives.
        assert_eq!(distribute(fixture).await, 2);
        let told = of_subscription(fixture, &other).await;
        assert_eq!(told.len(), 1);
        let place = (
            told[0].created_at,
            match &told[0].item {
                DeliveryItem::Event(item) => item.event.clone(),
                item => panic!("{item:?}"),
            },
        );
        let event = fixture.events().at(&fixture.us, &place).await.unwrap().unwrap();
        assert_eq!(event.subject, gone.id.as_str());
        receive(fixture, 3, &fixture.ours).await;
        distribute(fixture).await;
        assert_eq!(of_subscription(fixture, &gone).await.len(), 2);

        fixture.subscriptions().update(&fixture.us, None, &disabled(&gone, 7)).await.unwrap();
        let more = claim(fixture, "worker", MINUTE).await;
        let target = DeliveryTarget::Subscription(gone.id.clone());
        let second = claimed.iter().skip(1).chain(&more).find(|one| one.target() == target);
        let second = &second.unwrap().id;
        record(fixture, &answered_gone(second, &gone.url)).await;
        assert_eq!(find(fixture, &gone).await, Some(disabled(&gone, 7)));
    }

    /// That an endpoint is gone does not disable a subscription that has another one by then.
    pub async fn a_subscription_that_has_another_endpoint_is_not_disabled(fixture: &Fixture) {
        let before = subscribe(fixture, 1, &fixture.ours, "message.received").await;
        let other = subscribe(fixture, 2, &fixture.ours, "target.disabled").await;
        receive(fixture, 1, &fixture.ours).await;
        distribute(fixture).await;
        let claimed = claim(fixture, "worker", MINUTE).await;
        let url = WebUrl::parse("https://example.com/new").unwrap();
        let moved = Subscription { url, ..before.clone() };
        fixture.subscriptions().update(&fixture.us, None, &moved).await.unwrap();
        record(fixture, &answered_gone(&claimed[0].id, &before.url)).await;
        assert_eq!(find(fixture, &moved).await.as_ref(), Some(&moved));
        distribute(fixture).await;
        assert_eq!(of_subscription(fixture, &other).await, []);
    }
}
