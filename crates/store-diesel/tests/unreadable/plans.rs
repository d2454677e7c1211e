//! Routing plans, what they name, and what is stored of calls by them.

use macro_rules_attribute::apply;
use switchboard_contract::samples;
use switchboard_domain::organization::default_organization;
use switchboard_domain::plan::CatalogueNames;
use switchboard_domain::ports::{Expected, Page, Store, StoreError};

use crate::database::{Database, on_both_databases};

async fn fill(store: &dyn Store) {
    let (ours, all) = (default_organization(), samples::operator());
    let account = samples::account(1, &ours);
    store.accounts().add(&all, &account).await.unwrap();
    store.agents().add(&all, &samples::agent(1, &ours)).await.unwrap();
    store.numbers().add(&all, &samples::number(1, &account, None)).await.unwrap();
    store.plans().save(&all, &samples::plan(1, &ours, 1)).await.unwrap();
    let name = samples::label("shared");
    let days = vec![samples::days("2026-12-24", "2026-12-26")];
    store
        .catalogue()
        .set_calendar(&all, &ours, &name, &Expected::Anything, Some(days))
        .await
        .unwrap();
    store
        .catalogue()
        .set_list(&all, &ours, &name, &Expected::Anything, Some(vec![samples::phone(5)]))
        .await
        .unwrap();
    store.calls().record(&[samples::call(1, account.sid, &ours)]).await.unwrap();
}

/// What is asked for what was spoilt.
#[derive(Clone, Copy, Debug)]
enum Query {
    Plans,
    Calls,
}

/// Statements that spoil a value each, who comes upon it, and where it is said to be. Each is undone by the next.
fn spoilt() -> Vec<(String, Query, (&'static str, &'static str, String))> {
    let (plan, call) = (samples::plan_id(1).to_string(), samples::call_sid(1).to_string());
    let attempts = |attempts: &str| format!("UPDATE calls SET attempts = '{attempts}'");
    let of_call = |column| ("calls", column, call.clone());
    vec![
        (
            "UPDATE routing_plan_versions SET author = ' '".to_owned(),
            Query::Plans,
            ("routing_plan_versions", "author", plan.clone()),
        ),
        (
            "UPDATE routing_plan_versions SET author = 'me', name = ''".to_owned(),
            Query::Plans,
            ("routing_plan_versions", "name", plan),
        ),
        ("UPDATE calls SET plan_id = 'mine'".to_owned(), Query::Calls, of_call("plan_id")),
        (
            format!("UPDATE calls SET plan_id = '{}', plan_version = -1", samples::plan_id(1)),
            Query::Calls,
            of_call("plan_version"),
        ),
        (
            "UPDATE calls SET plan_version = 1, plan_rule = -1".to_owned(),
            Query::Calls,
            of_call("plan_rule"),
        ),
        (
            "UPDATE calls SET plan_rule = 1, attempts = '[{\"at\":1,\"action\":\"sing\"}]'"
                .to_owned(),
            Query::Calls,
            of_call("attempts"),
        ),
        (attempts("[7]"), Query::Calls, of_call("attempts")),
    ]
}

async fn run(store: &dyn Store, query: Query) -> Result<(), StoreError> {
    let all = samples::operator();
    match query {
        Query::Plans => {
            let plan = samples::label(samples::plan_id(1).as_str());
            store.plans().find(&all, &plan).await.map(drop)
        }
        Query::Calls => {
            let (account, call) = (samples::account_sid(1), samples::call_sid(1));
            store.calls().find(&all, account, call).await.map(drop)
        }
    }
}

async fn names_the_place(
    store: &dyn Store,
    query: Query,
    expected: &(&'static str, &'static str, String),
) {
    let error = run(store, query).await.unwrap_err();
    match error {
        StoreError::Corrupt { table, column, key, .. } => {
            assert_eq!(&(table, column, key), expected, "{query:?}");
        }
        other => panic!("{query:?}: {other:?}"),
    }
    // The number can still be routed.
    assert!(store.routes().route(samples::sender(1)).await.unwrap().is_some());
}

#[apply(on_both_databases!)]
async fn an_unreadable_part_of_a_plan_is_named(database: Database) {
    fill(database.store()).await;
    for (statement, query, expected) in spoilt() {
        database.execute(&statement).await;
        names_the_place(database.store(), query, &expected).await;
    }
}

/// A plan skips the rules that name it, and uses the others.
#[apply(on_both_databases!)]
async fn what_a_plan_names_and_cannot_be_read_is_left_out(database: Database) {
    let ours = default_organization();
    fill(database.store()).await;
    let words = || vec![samples::label("shared"), samples::label("external 1")];
    let names = CatalogueNames { agents: words(), calendars: words(), lists: words() };
    let read = async || database.store().catalogue().materials(&ours, &names).await.unwrap();
    let counts = async || {
        let found = read().await;
        [found.agents.len(), found.calendars.len(), found.lists.len()]
    };
    assert_eq!(counts().await, [1, 1, 1]);
    for (statement, left) in [
        ("UPDATE agents SET health_url = 'ftp://u:s3cret@h'", [0, 1, 1]),
        ("UPDATE agents SET health_url = NULL, capacity = 4294967296", [0, 1, 1]),
        ("UPDATE calendars SET days = '[\"2026-12-24\"]'", [0, 0, 1]),
        ("UPDATE number_list_entries SET phone_number = '14155550142'", [0, 0, 0]),
    ] {
        database.execute(statement).await;
        assert_eq!(counts().await, left, "{statement}");
    }
}

#[apply(on_both_databases!)]
async fn an_unreadable_call_is_left_out_of_the_live_calls(database: Database) {
    let (store, ours) = (database.store(), default_organization());
    let [one, other] = [1, 2].map(|n| samples::call(n, samples::account_sid(1), &ours));
    store.calls().record(&[one, other]).await.unwrap();
    let live = async || store.live_calls(samples::at(-9), 9).await.unwrap().len();
    let revive = format!(
        "UPDATE calls SET connection_ended_at = NULL, connection_error = NULL, attempts = NULL, \
         agent_id = '{}', status = 'ringing', status_rank = 2",
        samples::agent_id(1)
    );
    database.execute(&revive).await;
    assert_eq!(live().await, 2);
    let first = format!("WHERE sid = '{}'", samples::call_sid(1));
    for spoil in ["agent_id = 'nobody'", "attempts = '[{\"at\":1,\"agent\":\"nobody\"}]'"] {
        database.execute(&format!("UPDATE calls SET {spoil} {first}")).await;
        assert_eq!(live().await, 1, "{spoil}");
    }
}

#[apply(on_both_databases!)]
async fn unreadable_names_are_left_out(database: Database) {
    let (store, ours, all) = (database.store(), default_organization(), samples::operator());
    fill(store).await;
    let plan = samples::plan(2, &ours, 1);
    store.plans().save(&all, &plan).await.unwrap();
    database.execute("UPDATE calendars SET name = ''").await;
    assert_eq!(store.catalogue().names(&all, &ours).await.unwrap().calendars, []);
    let first = samples::plan_id(1);
    let spoil = format!("UPDATE routing_plan_versions SET author = '' WHERE plan_id = '{first}'");
    database.execute(&spoil).await;
    assert_eq!(store.plans().list(&all, &Page::first(1)).await.unwrap(), [plan]);
    assert_eq!(store.plans().versions(&all, &first, &Page::first(9)).await.unwrap(), []);
}

/// Whoever records calls is not kept from it by what was damaged before: it is put together with what comes.
async fn goes_on_recording(store: &dyn Store) {
    let ours = default_organization();
    let [damaged, whole] = [1, 2].map(|n| samples::call(n, samples::account_sid(1), &ours));
    store.calls().record(&[damaged, whole.clone()]).await.unwrap();
    let found = store.calls().find(&samples::operator(), whole.account, whole.call).await;
    assert_eq!(found.unwrap(), Some(whole));
}

/// Attempts that this program has no words for.
const STRANGE: [&str; 3] = ["[7]", "[null,\"x\",[1]]", "[{\"at\":\"noon\",\"agent\":{}}]"];

#[apply(on_both_databases!)]
async fn calls_are_recorded_whatever_attempts_are_stored(database: Database) {
    fill(database.store()).await;
    for attempts in STRANGE {
        let call = samples::call_sid(1);
        let spoil = format!("UPDATE calls SET attempts = '{attempts}' WHERE sid = '{call}'");
        database.execute(&spoil).await;
        goes_on_recording(database.store()).await;
    }
}
