//! A row that cannot be read is an error that names table, column and key, and shows no phone number. Only
//! a change that cannot be read is one of everything instead.
#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

#[path = "places/postgres.rs"]
mod postgres_place;
#[path = "places/sqlite.rs"]
mod sqlite_place;

use diesel::connection::SimpleConnection as _;
use switchboard_contract::samples;
use switchboard_domain::organization::{Scope, default_organization};
use switchboard_domain::ports::{
    AccountStore, AgentStore, CallStore, Change, ChangeStore, ConfigurationStore, MessageStore,
    NumberFilter, NumberStore, Page, RejectionStore, RouteStore, StoreError,
};

trait Store:
    AccountStore
    + AgentStore
    + CallStore
    + ConfigurationStore
    + MessageStore
    + NumberStore
    + RejectionStore
    + RouteStore
    + Clone
{
}

impl<S> Store for S where
    S: AccountStore
        + AgentStore
        + CallStore
        + ConfigurationStore
        + MessageStore
        + NumberStore
        + RejectionStore
        + RouteStore
        + Clone
{
}

async fn fill<S: Store>(store: &S) {
    let organization = default_organization();
    let account = samples::account(1, &organization);
    let agent = samples::agent(1, &organization);
    AccountStore::add(store, &Scope::Operator, &account).await.unwrap();
    AgentStore::add(store, &Scope::Operator, &agent).await.unwrap();
    let number = samples::number(1, &account, Some(&agent));
    NumberStore::add(store, &Scope::Operator, &number).await.unwrap();
    CallStore::record(store, &[samples::call(1, account.sid, &organization)]).await.unwrap();
    store.keep(&samples::received(1, account.sid, &organization)).await.unwrap();
    RejectionStore::record(store, &[samples::rejection(1, None)]).await.unwrap();
}

/// Where an error says that the value is which cannot be read.
fn place<T: std::fmt::Debug>(
    result: Result<T, StoreError>,
) -> (&'static str, &'static str, String) {
    match result.unwrap_err() {
        StoreError::Corrupt { table, column, key, .. } => (table, column, key),
        other => panic!("{other:?}"),
    }
}

/// Statements that spoil a value each, in an order in which one does not hide the next.
const SPOIL: [&str; 6] = [
    "UPDATE rejections SET endpoint = 'window'",
    "UPDATE messages SET from_address = 'whatsapp:'",
    "UPDATE calls SET status = 'finished'",
    "UPDATE numbers SET channels = 'fax'",
    "UPDATE agents SET voice_target_kind = 'stream', voice_target_value = 'nowhere'",
    "UPDATE accounts SET name = ' '",
];

async fn holds<S: Store>(store: &S) {
    let us = Scope::Operator;
    let account = samples::account_sid(1);
    assert_eq!(
        place(RejectionStore::list(store, &us, &Page::first(10)).await),
        ("rejections", "endpoint", samples::rejection_id(1).to_string())
    );
    assert_eq!(
        place(MessageStore::find(store, &us, account, samples::message_sid(1)).await),
        ("messages", "from_address", samples::message_sid(1).to_string())
    );
    assert_eq!(
        place(CallStore::list(store, &us, &Page::first(10)).await),
        ("calls", "status", samples::call_sid(1).to_string())
    );
    let phone = samples::phone(1);
    let masked = phone.masked().to_string();
    assert!(masked.len() < 8);
    assert_eq!(
        place(NumberStore::find(store, &us, phone).await),
        ("numbers", "channels", masked.clone())
    );
    assert_eq!(place(store.route(phone).await), ("numbers", "channels", masked));
    assert_eq!(
        place(AgentStore::find(store, &us, &samples::agent_id(1)).await),
        ("agents", "voice_target_value", samples::agent_id(1).to_string())
    );
    assert_eq!(
        place(AccountStore::find(store, &us, account).await),
        ("accounts", "name", account.to_string())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreadable_row_of_a_file_is_named() {
    let place = sqlite_place::Place::fresh().await;
    fill(&place.store).await;
    for statement in SPOIL {
        place.connect().batch_execute(statement).unwrap();
    }
    holds(&place.store).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreadable_row_of_a_server_is_named() {
    let place = postgres_place::Place::fresh().await;
    fill(&place.store).await;
    for statement in SPOIL {
        place.connect().await.batch_execute(statement).await.unwrap();
    }
    holds(&place.store).await;
}

/// Statements that corrupt a number's stored configuration, and the column that the error names.
const SPOILT_CONFIGURATIONS: [(&str, &str); 6] = [
    ("UPDATE numbers SET observed = '{\"colour\":\"red\"}', observed_at = created_at", "observed"),
    ("UPDATE numbers SET observed = 'https://u:s3cret@h', observed_at = created_at", "observed"),
    (
        "UPDATE numbers SET adopted = '{\"before\":{\"voice_url\":\"https://u:s3cret@h\"}}'",
        "adopted",
    ),
    (
        "UPDATE numbers SET adopted = '{\"number_sid\":\"PN00000000000000000000000000000001\",\"sender_sid\":null,\
         \"service_sid\":null,\"before\":{\"fax_url\":\"\"},\"ours\":{}}'",
        "adopted",
    ),
    (
        "UPDATE numbers SET adopted = '{\"number_sid\":\"+14155550142\",\"sender_sid\":null,\
         \"service_sid\":null,\"before\":{},\"ours\":{}}'",
        "adopted",
    ),
    ("UPDATE numbers SET adopted = ''", "adopted"),
];

/// Neither is read, treated as missing or overwritten.
async fn names_the_configuration<S: Store>(store: &S, column: &str) {
    let (us, phone) = (Scope::Operator, samples::phone(1));
    let expected = ("numbers", phone.masked().to_string());
    let found = ConfigurationStore::find(store, &us, phone).await;
    let listed =
        ConfigurationStore::list(store, &us, &NumberFilter::default(), &Page::first(9)).await;
    let mut refused = vec![found.map(drop), listed.map(drop)];
    if column == "adopted" {
        refused.push(store.take(&us, phone, Some(samples::adopted(2))).await);
    }
    for refused in refused {
        assert!(!format!("{refused:?}").contains("s3cret"), "{refused:?}");
        let (table, named, key) = place(refused);
        assert_eq!((named, (table, key)), (column, expected.clone()));
    }
    // The number itself can be read.
    assert!(NumberStore::find(store, &us, phone).await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreadable_configuration_in_a_file_is_named_and_stays() {
    let place = sqlite_place::Place::fresh().await;
    fill(&place.store).await;
    for (statement, column) in SPOILT_CONFIGURATIONS {
        place.connect().batch_execute(statement).unwrap();
        names_the_configuration(&place.store, column).await;
        let clear = "UPDATE numbers SET adopted = NULL, observed = NULL, observed_at = NULL";
        place.connect().batch_execute(clear).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreadable_configuration_on_a_server_is_named_and_stays() {
    let place = postgres_place::Place::fresh().await;
    fill(&place.store).await;
    for (statement, column) in SPOILT_CONFIGURATIONS {
        place.connect().await.batch_execute(statement).await.unwrap();
        names_the_configuration(&place.store, column).await;
        let clear = "UPDATE numbers SET adopted = NULL, observed = NULL, observed_at = NULL";
        place.connect().await.batch_execute(clear).await.unwrap();
    }
}

/// Changes as a newer program may tell them, and damaged ones.
const STRANGE: [&str; 5] = [
    "UPDATE change_counter SET version = version + 4",
    "INSERT INTO changes SELECT version - 3, 'voice', 'x' FROM change_counter",
    "INSERT INTO changes SELECT version - 2, 'agent', 'nobody' FROM change_counter",
    "INSERT INTO changes SELECT version - 1, 'number', NULL FROM change_counter",
    "INSERT INTO changes SELECT version, 'number', 'none' FROM change_counter",
];

/// What is told behind a version to which strange changes and then one of the accounts were added.
async fn hears<S: AccountStore + ChangeStore>(store: &S, version: u64) {
    let account = samples::account(2, &default_organization());
    AccountStore::add(store, &Scope::Operator, &account).await.unwrap();
    let told = store.since(version).await.unwrap();
    assert_eq!(told.version, version + 5);
    let [strange @ .., last] = told.changes.as_slice() else { panic!("{told:?}") };
    assert_eq!(strange, [const { Change::Everything }; 4]);
    assert_eq!(*last, Change::Accounts);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_a_file_that_is_not_understood_is_one_of_everything() {
    let place = sqlite_place::Place::fresh().await;
    let version = place.store.version().await.unwrap();
    let mut newer = place.connect();
    newer.batch_execute("PRAGMA ignore_check_constraints = ON").unwrap();
    for statement in STRANGE {
        newer.batch_execute(statement).unwrap();
    }
    hears(&place.store, version).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_a_server_that_is_not_understood_is_one_of_everything() {
    let place = postgres_place::Place::fresh().await;
    let version = place.store.version().await.unwrap();
    let newer = place.connect().await;
    let unchecked =
        "ALTER TABLE changes DROP CONSTRAINT changes_subject, DROP CONSTRAINT changes_key";
    newer.batch_execute(unchecked).await.unwrap();
    for statement in STRANGE {
        newer.batch_execute(statement).await.unwrap();
    }
    hears(&place.store, version).await;
}
