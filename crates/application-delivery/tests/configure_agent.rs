//! Tests of [`ConfigureAgent`] with an in-memory store.
#![expect(clippy::unwrap_used, reason = "a test that unwraps says at which line it has failed")]

use std::sync::Arc;

use switchboard_application_delivery::{
    AgentConfiguration, AgentSecrets, ChatKeyError, ChatKeys, ConfigureAgent, ConfigureError,
    ExpectedState, SecretSource, WebhookSecrets,
};
use switchboard_application_management::fixtures::{
    add_account, add_agent, agents, clock, codec, label, sealer,
};
use switchboard_application_management::routing_plans::{ChangeLimits, LimitChange};
use switchboard_application_management::{AgentChange, Edit, ManageError};
use switchboard_domain::agent::{Agent, ChatModel, MessageTarget, TokenLimits};
use switchboard_domain::ports::{AgentStore as _, ChatModelStore as _};
use switchboard_domain::sealing::AssociatedData;
use switchboard_domain::secret::Secret;
use switchboard_domain::web_address::WebUrl;
use switchboard_store_memory::{MemoryStore, operator};

/// A store with one agent, which replies with a text.
async fn fixture() -> (Arc<MemoryStore>, ConfigureAgent, Agent) {
    let store = Arc::new(MemoryStore::new());
    add_account(&store, 'a').await;
    let agent = add_agent(&store, 1, "Sales", None).await;
    let limits = ChangeLimits { catalogue: store.clone(), codec: codec() };
    let configuring = ConfigureAgent { agents: agents(&store), targets: store.clone(), limits };
    (store, configuring, agent)
}

fn secrets(store: &Arc<MemoryStore>) -> AgentSecrets {
    let (keyring, randomness) = (sealer().keyring, clock());
    AgentSecrets {
        webhooks: WebhookSecrets {
            store: store.clone(),
            keyring: keyring.clone(),
            randomness: randomness.clone(),
            clock: clock(),
        },
        chat: ChatKeys { store: store.clone(), keyring, randomness },
    }
}

/// Encryption keys that cannot be used.
struct NoKeys;

impl SecretSource for NoKeys {
    type Error = ();

    async fn secrets(&self) -> Result<AgentSecrets, ()> {
        Err(())
    }
}

fn changing(agent: AgentChange) -> AgentConfiguration {
    AgentConfiguration { agent, ..AgentConfiguration::default() }
}

fn target(target: MessageTarget) -> AgentChange {
    AgentChange { message_target: Edit::Set(target), ..AgentChange::default() }
}

fn webhook() -> AgentChange {
    target(MessageTarget::Webhook(WebUrl::parse("https://agents.example.com").unwrap()))
}

#[tokio::test]
async fn the_secret_of_an_endpoint_is_created_and_returned_once() {
    let (store, configuring, agent) = fixture().await;
    let (scope, secrets) = (&operator(), secrets(&store));
    let mut created = Vec::new();
    for change in [webhook(), webhook(), AgentChange::default()] {
        let read = agent.clone();
        let done =
            configuring.change(scope, read, ExpectedState::Any, changing(change), &secrets).await;
        created.push(done.unwrap().secret.is_some());
    }
    assert_eq!(created, [true, false, false]);
}

#[tokio::test]
async fn encryption_keys_are_needed_only_for_secrets() {
    let (_, configuring, agent) = fixture().await;
    let rename = AgentChange { name: Some(label("Desk")), ..AgentChange::default() };
    let limits = LimitChange { capacity: Edit::Set(3), ..LimitChange::default() };
    let change = AgentConfiguration { limits, ..changing(rename) };
    let (scope, any) = (&operator(), ExpectedState::Any);
    let renamed = configuring.change(scope, agent, any, change, &NoKeys).await.unwrap().agent;
    assert_eq!(renamed.profile.name, label("Desk"));
    assert_eq!(configuring.limits.limits(&renamed).await.unwrap().capacity, Some(3));
    let signed = configuring.change(scope, renamed, any, changing(webhook()), &NoKeys).await;
    assert!(matches!(signed, Err(ConfigureError::Keys(()))));
}

#[tokio::test]
async fn a_key_without_a_chat_model_is_refused_and_changes_nothing() {
    let (store, configuring, agent) = fixture().await;
    let rename = AgentChange { name: Some(label("Desk")), ..AgentChange::default() };
    let chat_key = Some(Secret::new("sk-secret".to_owned()));
    let change = AgentConfiguration { chat_key, ..changing(rename) };
    let (scope, any) = (&operator(), ExpectedState::Any);
    let refused = configuring.change(scope, agent.clone(), any, change, &secrets(&store)).await;
    assert!(matches!(refused, Err(ConfigureError::NoChatModel)));
    assert_eq!(store.find(scope, &agent.id).await.unwrap().as_ref(), Some(&agent));
    assert!(store.key(scope, &agent.id).await.unwrap().is_none());
}

#[tokio::test]
async fn a_change_of_an_agent_as_it_was_read_is_refused_after_another_one() {
    let (store, configuring, agent) = fixture().await;
    let (scope, secrets) = (&operator(), secrets(&store));
    let rename = AgentChange { name: Some(label("Desk")), ..AgentChange::default() };
    let as_read = ExpectedState::AsRead;
    let change = changing(rename);
    configuring.change(scope, agent.clone(), as_read, change, &secrets).await.unwrap();
    let outrun = configuring.change(scope, agent, as_read, changing(webhook()), &secrets).await;
    assert!(matches!(outrun, Err(ConfigureError::Agent(ManageError::AgentChanged { .. }))));
}

fn chat_at(url: &str) -> MessageTarget {
    MessageTarget::ChatModel(ChatModel {
        url: WebUrl::parse(url).unwrap(),
        model: label("gpt-4o-mini"),
        limits: TokenLimits::default(),
    })
}

#[tokio::test]
async fn a_key_does_not_follow_an_agent_to_a_url_that_others_have_set() {
    let (store, configuring, agent) = fixture().await;
    let (scope, secrets) = (&operator(), secrets(&store));
    let any = ExpectedState::Any;
    let ours = changing(target(chat_at("https://ours.example.com/v1")));
    let read = configuring.change(scope, agent, any, ours, &secrets).await.unwrap().agent;
    let theirs = changing(target(chat_at("https://theirs.example.com/v1")));
    configuring.change(scope, read.clone(), any, theirs, &secrets).await.unwrap();
    let rename = AgentChange { name: Some(label("Desk")), ..AgentChange::default() };
    for change in [AgentChange::default(), rename] {
        let chat_key = Some(Secret::new("sk-secret".to_owned()));
        let change = AgentConfiguration { chat_key, ..changing(change) };
        let refused = configuring.change(scope, read.clone(), any, change, &secrets).await;
        assert!(matches!(refused, Err(ConfigureError::ChatKey(ChatKeyError::Elsewhere))));
        assert!(store.key(scope, &read.id).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn a_key_that_comes_with_its_url_is_stored_for_it() {
    let (store, configuring, agent) = fixture().await;
    let (scope, secrets) = (&operator(), secrets(&store));
    let chat_key = Some(Secret::new("sk-secret".to_owned()));
    let change = target(chat_at("https://ours.example.com/v1"));
    let change = AgentConfiguration { chat_key, ..changing(change) };
    let any = ExpectedState::Any;
    configuring.change(scope, agent.clone(), any, change, &secrets).await.unwrap();
    let stored = store.key(scope, &agent.id).await.unwrap().unwrap();
    let key = format!("{} https://ours.example.com/v1", agent.id);
    let place = AssociatedData { table: "chat_keys", column: "sealed", key: &key };
    assert_eq!(secrets.chat.keyring.open(&place, &stored).unwrap().expose(), "sk-secret");
}
