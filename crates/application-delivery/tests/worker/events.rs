//! Subscriptions, whose endpoint a test scripts.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use switchboard_application_delivery::SubscriptionChange;
use switchboard_domain::delivery::{AttemptOutcome, DeliveryItem, DeliveryState};
use switchboard_domain::event::{Event, EventKind, EventTypes};
use switchboard_domain::identifier::EventId;
use switchboard_domain::organization::default_organization;
use switchboard_domain::ports::{EndpointError, EventEndpoint};
use switchboard_domain::secret::Secret;
use switchboard_domain::subscription::{Subscription, SubscriptionState};
use switchboard_domain::time::Timestamp;
use switchboard_domain::web_address::WebUrl;
use switchboard_store_memory::operator;
use tokio::time::sleep;

use crate::fixture::Fixture;

/// An event that the endpoint received.
#[derive(Clone, Debug)]
struct Told {
    id: EventId,
    kind: EventKind,
    secrets: usize,
}

/// The endpoint of all subscriptions, which a test scripts. Without a script, it accepts.
#[derive(Default)]
pub(crate) struct ScriptedSubscriber {
    told: Mutex<Vec<Told>>,
    script: Mutex<VecDeque<EndpointError>>,
}

impl ScriptedSubscriber {
    fn script(&self, status: u16, retry_after: Option<Duration>) {
        let next = EndpointError::Status { status, retry_after };
        self.script.lock().unwrap().push_back(next);
    }

    fn told(&self) -> Vec<Told> {
        self.told.lock().unwrap().clone()
    }
}

#[async_trait]
impl EventEndpoint for ScriptedSubscriber {
    async fn deliver(
        &self,
        _target: &WebUrl,
        secrets: &[Secret],
        event: &Event,
        _at: Timestamp,
    ) -> Result<(), EndpointError> {
        let (id, secrets) = (event.id.clone(), secrets.len());
        self.told.lock().unwrap().push(Told { id, kind: event.kind, secrets });
        self.script.lock().unwrap().pop_front().map_or(Ok(()), Err)
    }
}

async fn subscribe(fixture: &Fixture, types: &str) -> Subscription {
    let url = WebUrl::parse("https://example.com/events").unwrap();
    let types = EventTypes::parse(types).unwrap();
    let (subscription, secret) =
        fixture.subscriptions.add(&operator(), default_organization(), url, types).await.unwrap();
    assert!(secret.expose().starts_with("whsec_"));
    subscription
}

async fn until_told(fixture: &Fixture, count: usize) -> Vec<Told> {
    while fixture.subscriber.told().len() < count {
        sleep(Duration::from_millis(50)).await;
    }
    fixture.subscriber.told()
}

/// The state and the last outcome of each delivery of an event, oldest first.
async fn outcomes(fixture: &Fixture) -> Vec<(DeliveryState, AttemptOutcome)> {
    let all = fixture.deliveries().await.into_iter();
    all.filter(|delivery| matches!(delivery.item, DeliveryItem::Event(_)))
        .map(|delivery| (delivery.state, delivery.attempts.last().unwrap().outcome))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn an_event_is_delivered_again_with_its_id_until_it_is_accepted() {
    let fixture = Fixture::new().await;
    let subscription = subscribe(&fixture, "message.received").await;
    fixture.subscriptions.rotate_secret(&operator(), &subscription.id).await.unwrap();
    fixture.subscriber.script(503, None);
    fixture.subscriber.script(429, Some(Duration::from_secs(600)));
    fixture.receive(1, "hello").await;
    until_told(&fixture, 1).await;
    fixture.store.advance(Duration::from_secs(10));
    until_told(&fixture, 2).await;
    fixture.store.advance(Duration::from_secs(500));
    fixture.idle().await;
    assert_eq!(fixture.subscriber.told().len(), 2, "`Retry-After` is respected");
    fixture.store.advance(Duration::from_secs(120));
    let told = until_told(&fixture, 3).await;
    assert!(told.iter().all(|one| one.id == told[0].id && one.secrets == 2), "{told:?}");
    fixture.idle().await;
    assert_eq!(outcomes(&fixture).await, [(DeliveryState::Delivered, AttemptOutcome::Accepted)]);
}

#[tokio::test(start_paused = true)]
async fn a_subscription_that_is_gone_gets_nothing_until_it_is_enabled() {
    let fixture = Fixture::new().await;
    let subscription = subscribe(&fixture, "*").await;
    fixture.subscriber.script(410, None);
    fixture.receive(1, "hello").await;
    fixture.idle().await;
    fixture.receive(2, "again").await;
    fixture.idle().await;
    let stored = fixture.subscriptions.find(&operator(), &subscription.id).await.unwrap();
    assert!(matches!(stored.state, SubscriptionState::Disabled { .. }), "{stored:?}");
    // Events that were distributed before the endpoint answered are dead, too.
    let gone = fixture.subscriber.told().len();
    let all = outcomes(&fixture).await;
    assert!(all.contains(&(DeliveryState::Dead, AttemptOutcome::Gone)), "{all:?}");
    assert!(all.iter().all(|(state, _)| state.is_final()), "{all:?}");
    let change = SubscriptionChange { enabled: Some(true), ..SubscriptionChange::default() };
    let enabled = fixture.subscriptions.change(&operator(), &subscription.id, change).await;
    assert_eq!(enabled.unwrap().state, SubscriptionState::Enabled);
    fixture.receive(3, "hello").await;
    assert!(
        until_told(&fixture, gone + 1).await[gone..]
            .iter()
            .all(|one| one.id != told_first(&fixture))
    );
}

fn told_first(fixture: &Fixture) -> EventId {
    fixture.subscriber.told()[0].id.clone()
}

#[tokio::test(start_paused = true)]
async fn deliveries_of_a_removed_subscription_are_canceled() {
    let fixture = Fixture::new().await;
    let subscription = subscribe(&fixture, "message.received").await;
    fixture.subscriber.script(503, None);
    fixture.receive(1, "hello").await;
    until_told(&fixture, 1).await;
    fixture.idle().await;
    fixture.subscriptions.remove(&operator(), &subscription.id).await.unwrap();
    fixture.store.advance(Duration::from_secs(60));
    fixture.idle().await;
    assert_eq!(outcomes(&fixture).await, [(DeliveryState::Canceled, AttemptOutcome::NoTarget)]);
    assert_eq!(fixture.subscriber.told().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn two_subscriptions_that_are_down_cause_no_events_without_end() {
    let fixture = Fixture::new().await;
    subscribe(&fixture, "message.received,delivery.dead").await;
    subscribe(&fixture, "message.received,delivery.dead").await;
    for _ in 0..200 {
        fixture.subscriber.script(500, None);
    }
    fixture.receive(1, "hello").await;
    // Longer than the longest wait, and than the circuit breaker is open.
    for _ in 0..30 {
        fixture.store.advance(Duration::from_secs(11 * 3_600));
        sleep(Duration::from_secs(61)).await;
    }
    // One delivery of the message to each, and one of the death of that to the other.
    let told = fixture.subscriber.told();
    assert_eq!(told.iter().filter(|one| one.kind == EventKind::MessageReceived).count(), 24);
    assert_eq!(told.iter().filter(|one| one.kind == EventKind::DeliveryDead).count(), 24);
    assert_eq!(outcomes(&fixture).await, [(DeliveryState::Dead, AttemptOutcome::BadStatus); 4]);
}
