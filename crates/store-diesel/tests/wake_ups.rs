//! On Postgres, a process is told when another one makes a delivery due or changes the configuration, without polling.
#![expect(clippy::unwrap_used, reason = "a test that unwraps says at which line it has failed")]

#[path = "fixtures/postgres.rs"]
mod postgres_fixture;

use std::time::Duration;

use postgres_fixture::Fixture;
use switchboard_contract::samples;
use switchboard_domain::address::Address;
use switchboard_domain::agent::{Agent, Label, Profile, Prompt};
use switchboard_domain::delivery::{
    Delivery, DeliveryItem, DeliveryState, Outgoing, OutgoingContent, QueueOwner, SendProgress,
    SendState,
};
use switchboard_domain::identifier::{AgentId, ConversationId, DeliveryId};
use switchboard_domain::organization::default_organization;
use switchboard_domain::ports::{
    AgentStore, ChangeNotice, ChangeStore as _, ChangeVersion, DeliveryQueue as _, Import,
    ImportStore as _, Insertion, OutgoingStore,
};
use switchboard_domain::sid::AccountSid;
use switchboard_domain::time::Timestamp;
use switchboard_store_diesel::{PostgresOptions, PostgresStore, PostgresUrl};
use tokio::time::timeout;

/// Longer than anything here takes.
const LIMIT: Duration = Duration::from_secs(20);
const BACKENDS: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
    WHERE datname = current_database() AND query LIKE '%pg_backend_pid%' AND pid <> pg_backend_pid()";

fn message(n: u8) -> Delivery {
    let address = |text| Address::parse(text).unwrap();
    let at = Timestamp::from_seconds(1_795_000_000);
    Delivery {
        id: DeliveryId::new(at, [n; 10]),
        organization: default_organization(),
        account: AccountSid::parse("AC00000000000000000000000000000001").unwrap(),
        owner: QueueOwner::Conversation(ConversationId::new(at, [n; 10])),
        agent: None,
        item: DeliveryItem::Outgoing(Outgoing {
            in_reply_to: None,
            reply_key: n.to_string(),
            from: address("+14155550100"),
            to: address("+14155550199"),
            content: OutgoingContent::of_text("hello"),
            progress: SendProgress::without_sid(SendState::Planned),
        }),
        state: DeliveryState::Pending,
        attempts: Vec::new(),
        earlier_attempts: 0,
        next_attempt_at: None,
        created_at: at,
    }
}

async fn add(store: &PostgresStore, n: u8) {
    assert_eq!(OutgoingStore::add(store, &message(n)).await.unwrap(), Insertion::Inserted);
}

/// Another process with the same database.
async fn another(fixture: &Fixture) -> PostgresStore {
    let url = PostgresUrl::parse(&fixture.database.url).unwrap();
    PostgresStore::connect(&url, &PostgresOptions::default()).await.unwrap()
}

async fn is_notified(store: &PostgresStore) {
    timeout(LIMIT, store.due_elsewhere()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_is_told_of_deliveries_that_others_make_due() {
    let fixture = Fixture::fresh().await;
    // Once it listens, what was told before is not known.
    is_notified(&fixture).await;
    let command = another(&fixture).await;
    add(&command, 1).await;
    is_notified(&fixture).await;
    // A server tells on the connection that it listens on.
    let server = another(&fixture).await;
    is_notified(&server).await;
    add(&server, 2).await;
    is_notified(&fixture).await;
    // Nobody is told of what it did itself: the next thing that `server` hears is from `fixture`.
    add(&fixture, 3).await;
    is_notified(&server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_listens_again_after_its_connection_broke() {
    let fixture = Fixture::fresh().await;
    is_notified(&fixture).await;
    let client = fixture.connect().await;
    assert_eq!(client.query(BACKENDS, &[]).await.unwrap().len(), 1);
    let other = another(&fixture).await;
    // It is told without reason at most twice: when the connection broke, and when there is another one.
    for n in 1..=4 {
        add(&other, n).await;
        is_notified(&fixture).await;
    }
}

fn agent(n: u8) -> Agent {
    let at = Timestamp::from_seconds(1_795_000_000);
    Agent {
        id: AgentId::new(at, [n; 10]),
        organization: default_organization(),
        profile: Profile {
            external_id: Some(Label::parse(&format!("agent {n}")).unwrap()),
            ..Profile::named(Label::parse("Sales").unwrap())
        },
        prompt: Prompt::default(),
        created_at: at,
    }
}

/// Waits for the next notification of changes.
async fn notice(store: &PostgresStore) -> ChangeNotice {
    timeout(LIMIT, store.recorded()).await.unwrap()
}

/// Waits for notifications until the change log of a store has another version, without reading it before.
async fn reads_change(store: &PostgresStore, known: ChangeVersion) -> ChangeVersion {
    loop {
        notice(store).await;
        let version = store.version().await.unwrap();
        if version != known {
            return version;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_is_told_of_changes_of_the_configuration() {
    let fixture = Fixture::fresh().await;
    let other = another(&fixture).await;
    // Once it listens, what was told before is not known.
    assert_eq!(notice(&fixture).await, ChangeNotice::Gap);
    let (everything, all) = (
        &samples::operator(),
        &Import {
            organization: default_organization(),
            accounts: Vec::new(),
            agents: vec![agent(1)],
            numbers: Vec::new(),
            at: Timestamp::from_seconds(1),
        },
    );
    for n in 0..5 {
        // Each transaction notifies once.
        AgentStore::add(&other, everything, &agent(2 + n)).await.unwrap();
        assert_eq!(notice(&fixture).await, ChangeNotice::Change);
        other.import(&samples::operator(), all).await.unwrap();
        assert_eq!(notice(&fixture).await, ChangeNotice::Change);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_read_after_the_connection_that_listens_broke() {
    let fixture = Fixture::fresh().await;
    let other = another(&fixture).await;
    let mut known = fixture.version().await.unwrap();
    let client = fixture.connect().await;
    // Once it listens, what was told before is not known.
    assert_eq!(notice(&fixture).await, ChangeNotice::Gap);
    for n in 0..3 {
        let broken = async {
            while client.query(BACKENDS, &[]).await.unwrap().is_empty() {
                tokio::task::yield_now().await;
            }
        };
        timeout(LIMIT, broken).await.unwrap();
        AgentStore::add(&other, &samples::operator(), &agent(20 + n)).await.unwrap();
        known = reads_change(&fixture, known).await;
    }
}
