//! Secrets of endpoints that are created at the same time.

use std::sync::Arc;

use switchboard_application_delivery::{SecretError, Subscriptions, WebhookSecrets};
use switchboard_application_management::fixtures::{add_agent, clock, sealer};
use switchboard_domain::audit::Author;
use switchboard_domain::event::EventTypes;
use switchboard_domain::organization::default_organization;
use switchboard_domain::ports::{AgentSecretStore as _, AgentStore, SubscriptionSecretStore as _};
use switchboard_domain::secret::Secret;
use switchboard_domain::web_address::WebUrl;
use switchboard_store_memory::{MemoryStore, Pause, operator};

static SCOPE: Author = operator();

fn webhook_secrets(store: &Arc<MemoryStore>) -> WebhookSecrets {
    WebhookSecrets {
        store: store.clone(),
        keyring: sealer().keyring,
        randomness: clock(),
        clock: clock(),
    }
}

/// Lets both requests arrive before one of them is carried out.
async fn both(pause: Pause) {
    pause.reached().await;
    pause.reached().await;
}

fn differ(secrets: &[Secret]) -> bool {
    secrets[0].expose() != secrets[1].expose()
}

#[tokio::test]
async fn two_rotations_at_once_are_two_secrets() {
    let store = Arc::new(MemoryStore::new());
    let agent = add_agent(&store, 1, "Sales", None).await;
    let secrets = webhook_secrets(&store);
    let pause = store.pause("agent_secret.add");
    let (one, two, ()) =
        tokio::join!(secrets.create(&SCOPE, &agent), secrets.create(&SCOPE, &agent), both(pause),);
    assert!(differ(&[one.unwrap(), two.unwrap()]));
    let stored = store.of_agent(&SCOPE, &agent.id).await.unwrap();
    assert_eq!(stored.iter().map(|secret| secret.number).collect::<Vec<_>>(), [2, 1]);
}

#[tokio::test]
async fn the_first_secret_is_created_once() {
    let store = Arc::new(MemoryStore::new());
    let agent = add_agent(&store, 1, "Sales", None).await;
    let secrets = webhook_secrets(&store);
    let pause = store.pause("agent_secret.add");
    let (one, two, ()) =
        tokio::join!(secrets.ensure(&SCOPE, &agent), secrets.ensure(&SCOPE, &agent), both(pause),);
    assert_eq!([one.unwrap(), two.unwrap()].iter().flatten().count(), 1);
    assert_eq!(store.of_agent(&SCOPE, &agent.id).await.unwrap().len(), 1);
}

#[tokio::test]
async fn the_first_secret_and_a_rotation_at_once_both_succeed() {
    let store = Arc::new(MemoryStore::new());
    let agent = add_agent(&store, 1, "Sales", None).await;
    let secrets = webhook_secrets(&store);
    let pause = store.pause("agent_secret.add");
    let (rotated, ensured, ()) =
        tokio::join!(secrets.create(&SCOPE, &agent), secrets.ensure(&SCOPE, &agent), both(pause),);
    let shown = 1 + usize::from(ensured.unwrap().is_some());
    rotated.unwrap();
    assert_eq!(store.of_agent(&SCOPE, &agent.id).await.unwrap().len(), shown);
}

#[tokio::test]
async fn a_secret_of_an_agent_that_was_just_removed_is_not_created() {
    let store = Arc::new(MemoryStore::new());
    let agent = add_agent(&store, 1, "Sales", None).await;
    AgentStore::remove(&*store, &SCOPE, &agent.id, None).await.unwrap();
    let refused = webhook_secrets(&store).create(&SCOPE, &agent).await;
    assert!(matches!(refused, Err(SecretError::Removed)));
}

#[tokio::test]
async fn two_rotations_of_a_subscription_at_once_are_two_secrets() {
    let store = Arc::new(MemoryStore::new());
    let subscriptions = Subscriptions {
        secrets: store.clone(),
        store: store.clone(),
        keyring: sealer().keyring,
        randomness: clock(),
        identifiers: clock(),
        clock: clock(),
    };
    let url = WebUrl::parse("https://example.com/events").unwrap();
    let types = EventTypes::parse("*").unwrap();
    let added = subscriptions.add(&SCOPE, default_organization(), url, types).await;
    let id = added.unwrap().0.id;
    let pause = store.pause("subscription.add_secret");
    let (one, two, ()) = tokio::join!(
        subscriptions.rotate_secret(&SCOPE, &id),
        subscriptions.rotate_secret(&SCOPE, &id),
        both(pause),
    );
    assert!(differ(&[one.unwrap(), two.unwrap()]));
    assert_eq!(store.secrets(&SCOPE, &id).await.unwrap().len(), 3);
}
