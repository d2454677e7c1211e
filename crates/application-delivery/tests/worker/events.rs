//! Subscriptions, whose endpoint a test scripts.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use switchboard_application_delivery::SubscriptionChange;
use switchboard_domain::delivery::{AttemptOutcome, DeliveryItem, DeliveryState};
use switchboard_domain::event::{Event, EventKind, EventTypes};
use switchboard_domain::identifier::EventId;
use switchboard_domain::organization::{Scope, default_organization};
use switchboard_domain::ports::{EndpointError, EventEndpoint};
use switchboard_domain::secret::Secret;
use switchboard_domain::subscription::{Subscription, SubscriptionState};
use switchboard_domain::time::Timestamp;
use switchboard_domain::web_address::WebUrl;
use tokio::time::sleep;

use crate::kit::Kit;

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

async fn subscribe(kit: &Kit, types: &str) -> Subscription {
    let url = WebUrl::parse("https://example.com/events").unwrap();
    let types = EventTypes::parse(types).unwrap();
    let (subscription, secret) =
        kit.subscriptions.add(&Scope::Operator, default_organization(), url, types).await.unwrap();
    assert!(secret.expose().starts_with("whsec_"));
    subscription
}

async fn until_told(kit: &Kit, count: usize) -> Vec<Told> {
    while kit.subscriber.told().len() < count {
        sleep(Duration::from_millis(50)).await;
    }
    kit.subscriber.told()
}

/// The state and the last outcome of each delivery of an event, oldest first.
async fn outcomes(kit: &Kit) -> Vec<(DeliveryState, AttemptOutcome)> {
    let all = kit.deliveries().await.into_iter();
    all.filter(|delivery| matches!(delivery.item, DeliveryItem::Event(_)))
        .map(|delivery| (delivery.state, delivery.attempts.last().unwrap().outcome))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn an_event_is_delivered_again_with_its_id_until_it_is_accepted() {
    let kit = Kit::new().await;
    let subscription = subscribe(&kit, "message.received").await;
    kit.subscriptions.rotate_secret(&Scope::Operator, &subscription.id).await.unwrap();
    kit.subscriber.script(503, None);
    kit.subscriber.script(429, Some(Duration::from_secs(600)));
    kit.receive(1, "hello").await;
    until_told(&kit, 1).await;
    kit.store.advance(Duration::from_secs(10));
    until_told(&kit, 2).await;
    kit.store.advance(Duration::from_secs(500));
    kit.idle().await;
    assert_eq!(kit.subscriber.told().len(), 2, "`Retry-After` is respected");
    kit.store.advance(Duration::from_secs(120));
    let told = until_told(&kit, 3).await;
    assert!(told.iter().all(|one| one.id == told[0].id && one.secrets == 2), "{told:?}");
    kit.idle().await;
    assert_eq!(outcomes(&kit).await, [(DeliveryState::Delivered, AttemptOutcome::Accepted)]);
}

#[tokio::test(start_paused = true)]
async fn a_subscription_that_is_gone_gets_nothing_until_it_is_enabled() {
    let kit = Kit::new().await;
    let subscription = subscribe(&kit, "*").await;
    kit.subscriber.script(410, None);
    kit.receive(1, "hello").await;
    kit.idle().await;
    kit.receive(2, "again").await;
    kit.idle().await;
    let stored = kit.subscriptions.find(&Scope::Operator, &subscription.id).await.unwrap();
    assert!(matches!(stored.state, SubscriptionState::Disabled { .. }), "{stored:?}");
    // Events that were distributed before the endpoint answered are dead, too.
    let gone = kit.subscriber.told().len();
    let all = outcomes(&kit).await;
    assert!(all.contains(&(DeliveryState::Dead, AttemptOutcome::Gone)), "{all:?}");
    assert!(all.iter().all(|(state, _)| state.is_final()), "{all:?}");
    let change = SubscriptionChange { enabled: Some(true), ..SubscriptionChange::default() };
    let enabled = kit.subscriptions.change(&Scope::Operator, &subscription.id, change).await;
    assert_eq!(enabled.unwrap().state, SubscriptionState::Enabled);
    kit.receive(3, "hello").await;
    assert!(until_told(&kit, gone + 1).await[gone..].iter().all(|one| one.id != told_first(&kit)));
}

fn told_first(kit: &Kit) -> EventId {
    kit.subscriber.told()[0].id.clone()
}

#[tokio::test(start_paused = true)]
async fn deliveries_of_a_removed_subscription_are_canceled() {
    let kit = Kit::new().await;
    let subscription = subscribe(&kit, "message.received").await;
    kit.subscriber.script(503, None);
    kit.receive(1, "hello").await;
    until_told(&kit, 1).await;
    kit.idle().await;
    kit.subscriptions.remove(&Scope::Operator, &subscription.id).await.unwrap();
    kit.store.advance(Duration::from_secs(60));
    kit.idle().await;
    assert_eq!(outcomes(&kit).await, [(DeliveryState::Canceled, AttemptOutcome::NoTarget)]);
    assert_eq!(kit.subscriber.told().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn two_subscriptions_that_are_down_cause_no_events_without_end() {
    let kit = Kit::new().await;
    subscribe(&kit, "message.received,delivery.dead").await;
    subscribe(&kit, "message.received,delivery.dead").await;
    for _ in 0..200 {
        kit.subscriber.script(500, None);
    }
    kit.receive(1, "hello").await;
    // Longer than the longest wait, and than the circuit breaker is open.
    for _ in 0..30 {
        kit.store.advance(Duration::from_secs(11 * 3_600));
        sleep(Duration::from_secs(61)).await;
    }
    // One delivery of the message to each, and one of the death of that to the other.
    let told = kit.subscriber.told();
    assert_eq!(told.iter().filter(|one| one.kind == EventKind::MessageReceived).count(), 24);
    assert_eq!(told.iter().filter(|one| one.kind == EventKind::DeliveryDead).count(), 24);
    assert_eq!(outcomes(&kit).await, [(DeliveryState::Dead, AttemptOutcome::BadStatus); 4]);
}
