//! Accounts, agents, numbers, calls, messages, rejections and changes.

use std::time::Duration;

use macro_rules_attribute::apply;
use switchboard_contract::samples;
use switchboard_domain::delivery::Busy;
use switchboard_domain::identifier::{ConversationId, DeliveryId};
use switchboard_domain::message::{NewDelivery, ReceivedMessage};
use switchboard_domain::organization::default_organization;
use switchboard_domain::ports::{Change, LeaseHolder, NumberFilter, Page, Store, StoreError};

use crate::database::{Database, on_both_databases};

async fn fill(store: &dyn Store) {
    let organization = default_organization();
    let account = samples::account(1, &organization);
    let agent = samples::agent(1, &organization);
    store.accounts().add(&samples::operator(), &account).await.unwrap();
    store.agents().add(&samples::operator(), &agent).await.unwrap();
    let number = samples::number(1, &account, Some(&agent));
    store.numbers().add(&samples::operator(), &number).await.unwrap();
    store.calls().record(&[samples::call(1, account.sid, &organization)]).await.unwrap();
    store.messages().insert_once(&samples::received(1, account.sid, &organization)).await.unwrap();
    store.rejections().record(&[samples::rejection(1, None)]).await.unwrap();
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
    "UPDATE messages SET from_address = 'client:\n'",
    "UPDATE calls SET status = 'finished'",
    "UPDATE numbers SET channels = 'fax'",
    "UPDATE agents SET voice_target_kind = 'stream', voice_target_value = 'nowhere'",
    "UPDATE accounts SET name = ' '",
];

async fn holds(store: &dyn Store) {
    let us = samples::operator();
    let account = samples::account_sid(1);
    assert_eq!(
        place(store.messages().find(&us, account, samples::message_sid(1)).await),
        ("messages", "from_address", samples::message_sid(1).to_string())
    );
    assert_eq!(
        place(store.calls().find(&us, account, samples::call_sid(1)).await),
        ("calls", "status", samples::call_sid(1).to_string())
    );
    let phone = samples::sender(1);
    let masked = phone.masked().to_string();
    assert!(masked.len() < 8);
    assert_eq!(
        place(store.numbers().find(&us, phone).await),
        ("numbers", "channels", masked.clone())
    );
    assert_eq!(place(store.routes().route(phone).await), ("numbers", "channels", masked));
    assert_eq!(
        place(store.agents().find(&us, &samples::agent_id(1)).await),
        ("agents", "voice_target_value", samples::agent_id(1).to_string())
    );
    assert_eq!(
        place(store.accounts().find(&us, account).await),
        ("accounts", "name", account.to_string())
    );
}

#[apply(on_both_databases!)]
async fn an_unreadable_row_is_named(database: Database) {
    fill(database.store()).await;
    for statement in SPOIL {
        database.execute(statement).await;
    }
    holds(database.store()).await;
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
async fn names_the_configuration(store: &dyn Store, column: &str) {
    let (us, phone) = (samples::operator(), samples::sender(1));
    let expected = ("numbers", phone.masked().to_string());
    let found = store.configurations().find(&us, phone).await;
    let listed = store.configurations().list(&us, &NumberFilter::default(), &Page::first(9)).await;
    assert_eq!(listed.unwrap(), []);
    let mut refused = vec![found.map(drop)];
    if column == "adopted" {
        let later = Some(samples::adopted(2));
        refused.push(store.configurations().take(&us, phone, None, later).await);
    }
    for refused in refused {
        assert!(!format!("{refused:?}").contains("s3cret"), "{refused:?}");
        let (table, named, key) = place(refused);
        assert_eq!((named, (table, key)), (column, expected.clone()));
    }
    // The number itself can be read.
    assert!(store.numbers().find(&us, phone).await.unwrap().is_some());
}

#[apply(on_both_databases!)]
async fn an_unreadable_configuration_is_named_and_stays(database: Database) {
    fill(database.store()).await;
    for (statement, column) in SPOILT_CONFIGURATIONS {
        database.execute(statement).await;
        names_the_configuration(database.store(), column).await;
        let clear = "UPDATE numbers SET adopted = NULL, observed = NULL, observed_at = NULL";
        database.execute(clear).await;
    }
}

/// How many rows each list has, in pages of two: an unreadable row is replaced by one behind it.
async fn listed(store: &dyn Store) -> [usize; 7] {
    let us = samples::operator();
    [
        store.accounts().list(&us, &Page::first(2)).await.unwrap().len(),
        store.agents().list(&us, &Page::first(2)).await.unwrap().len(),
        store.numbers().list(&us, &NumberFilter::default(), &Page::first(2)).await.unwrap().len(),
        store
            .configurations()
            .list(&us, &NumberFilter::default(), &Page::first(2))
            .await
            .unwrap()
            .len(),
        store.calls().list(&us, &Page::first(2)).await.unwrap().len(),
        store.messages().list(&us, &Page::first(2)).await.unwrap().len(),
        store.rejections().list(&us, &Page::first(2)).await.unwrap().len(),
    ]
}

/// Values of text columns that no row of ours has, and the rows that hold them by their keys.
const UNREADABLE: [(&str, &str, &[&str]); 7] = [
    ("accounts", "sid LIKE '%1'", &["name", "status", "region", "parent_sid"]),
    ("agents", "name LIKE '% 1'", &["language", "voice", "prompt", "name"]),
    ("numbers", "phone_number LIKE '%1'", &["channels"]),
    ("calls", "sid LIKE '%1'", &["status", "reason", "verified_by", "plan_id"]),
    ("messages", "sid LIKE '%1'", &["from_address", "status", "direction"]),
    ("rejections", "id = (SELECT min(id) FROM rejections)", &["endpoint", "refusal"]),
    ("numbers", "phone_number LIKE '%1'", &["repair_policy"]),
];

/// Drops the checks that keep such values out of Postgres.
const DROP_CHECKS: &str = "DO $$ DECLARE found record; BEGIN \
     FOR found IN SELECT conrelid::regclass AS owner, conname FROM pg_constraint \
     WHERE contype = 'c' AND connamespace = current_schema()::regnamespace LOOP \
     EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', found.owner, found.conname); \
     END LOOP; END $$";

#[apply(on_both_databases!)]
async fn an_unreadable_row_stops_no_list(database: Database) {
    let store = database.store();
    let organization = default_organization();
    for n in 1..=3 {
        let account = samples::account(n, &organization);
        let agent = samples::agent(n, &organization);
        store.accounts().add(&samples::operator(), &account).await.unwrap();
        store.agents().add(&samples::operator(), &agent).await.unwrap();
        let number = samples::number(n, &account, Some(&agent));
        store.numbers().add(&samples::operator(), &number).await.unwrap();
        store.calls().record(&[samples::call(n, account.sid, &organization)]).await.unwrap();
        let message = samples::received(n, account.sid, &organization);
        store.messages().insert_once(&message).await.unwrap();
        store.rejections().record(&[samples::rejection(n, None)]).await.unwrap();
    }
    let unchecked = match database {
        Database::Sqlite(_) => "PRAGMA ignore_check_constraints = ON",
        Database::Postgres(_) => {
            database.execute(DROP_CHECKS).await;
            ""
        }
    };
    for (table, row, columns) in UNREADABLE {
        for column in columns {
            let spoil = format!("{unchecked}; UPDATE {table} SET {column} = ' \u{7f}' WHERE {row}");
            database.execute(&spoil).await;
            assert_eq!(listed(store).await, [2; 7], "{table}.{column}");
        }
    }
    // What can still be read can still be changed.
    let account = samples::account(2, &organization);
    store.accounts().change(&samples::operator(), None, &account).await.unwrap();
}

/// Changes as a newer program may tell them, and damaged ones.
const STRANGE: [&str; 5] = [
    "UPDATE change_counter SET version = version + 4",
    "INSERT INTO changes SELECT version - 3, 'voice', 'x' FROM change_counter",
    "INSERT INTO changes SELECT version - 2, 'agent', 'nobody' FROM change_counter",
    "INSERT INTO changes SELECT version - 1, 'number', NULL FROM change_counter",
    "INSERT INTO changes SELECT version, 'number', 'none' FROM change_counter",
];

#[apply(on_both_databases!)]
async fn a_change_that_is_not_understood_is_one_of_everything(database: Database) {
    let store = database.store();
    let version = store.changes().version().await.unwrap();
    let unchecked = match database {
        Database::Sqlite(_) => "PRAGMA ignore_check_constraints = ON",
        Database::Postgres(_) => {
            "ALTER TABLE changes DROP CONSTRAINT changes_subject, DROP CONSTRAINT changes_key"
        }
    };
    database.execute(&format!("{unchecked}; {}", STRANGE.join("; "))).await;
    let account = samples::account(2, &default_organization());
    store.accounts().add(&samples::operator(), &account).await.unwrap();
    let told = store.changes().since(version).await.unwrap();
    assert_eq!(told.version.get(), version.get() + 5);
    let [strange @ .., last] = told.changes.as_slice() else { panic!("{told:?}") };
    assert_eq!(strange, [const { Change::Everything }; 4]);
    assert_eq!(*last, Change::Accounts);
}

/// Message `n` of a conversation, with a delivery. It was received long ago.
async fn receive(database: &Database, n: u32) -> DeliveryId {
    let random = [u8::try_from(n).unwrap(); 10];
    let conversation = ConversationId::new(samples::at(0), [9; 10]);
    let id = DeliveryId::new(samples::at(0), random);
    let delivery = NewDelivery { id, conversation, begins_conversation: false };
    let message = samples::received(n, samples::account_sid(1), &default_organization());
    let message = ReceivedMessage { delivery: Some(delivery.clone()), ..message };
    database.store().messages().insert_once(&message).await.unwrap();
    delivery.id
}

async fn claim(database: &Database) -> Vec<DeliveryId> {
    let (holder, lease) = (LeaseHolder::named("worker"), Duration::from_secs(60));
    let deliveries = database.store().delivery_queue();
    let claimed = deliveries.claim(&holder, lease, 9, &Busy::default()).await.unwrap();
    claimed.into_iter().map(|delivery| delivery.id).collect()
}

/// A delivery that cannot be read becomes a dead letter, so that the next message of its conversation is delivered.
#[apply(on_both_databases!)]
async fn an_unreadable_delivery_delays_no_other(database: Database) {
    fill(database.store()).await;
    let (spoilt, next) = (receive(&database, 2).await, receive(&database, 3).await);
    database.execute(&format!("UPDATE deliveries SET attempts = '{{' WHERE id = '{spoilt}'")).await;
    assert_eq!(claim(&database).await, []);
    assert_eq!(claim(&database).await, [next]);
}

/// While releases run side by side, the older one leaves what it does not know to the newer one, for two days.
#[apply(on_both_databases!)]
async fn a_delivery_of_a_newer_release_is_left_to_it(database: Database) {
    fill(database.store()).await;
    let newer = receive(&database, 2).await;
    receive(&database, 3).await;
    // Received just now.
    database.execute("UPDATE deliveries SET created_at = due_at").await;
    let set = async |kind: &str, id: &DeliveryId| {
        let set = format!("UPDATE deliveries SET kind = '{kind}' WHERE id = '{id}'");
        database.execute(&set).await;
    };
    set("message.translate", &newer).await;
    // It is due later, and the one behind it waits.
    assert_eq!(claim(&database).await, []);
    assert_eq!(claim(&database).await, []);
    set("message.received", &newer).await;
    let due = "UPDATE deliveries SET due_at = created_at; \
               UPDATE delivery_queues SET due_at = (SELECT min(due_at) FROM deliveries)";
    database.execute(due).await;
    assert_eq!(claim(&database).await, [newer]);

    database.execute("DELETE FROM deliveries; DELETE FROM delivery_queues").await;
    let (old, next) = (receive(&database, 4).await, receive(&database, 5).await);
    set("message.translate", &old).await;
    assert_eq!(claim(&database).await, []);
    assert_eq!(claim(&database).await, [next]);
}
