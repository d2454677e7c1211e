//! The tables themselves keep organizations apart, and refuse what the program never writes: here another program tries.
#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

#[path = "fixtures/postgres.rs"]
mod postgres_fixture;
#[path = "fixtures/sqlite.rs"]
mod sqlite_fixture;

use diesel::connection::SimpleConnection as _;
use switchboard_contract::samples;
use switchboard_domain::organization::default_organization;
use switchboard_domain::ports::{AccountStore, AgentStore, CallStore, NumberStore, PlanStore};

/// Adds an account, an agent, a number and a call of ours, a plan of ours, and an agent and a plan of the other
/// organization.
async fn fill<S>(store: &S)
where
    S: AccountStore + AgentStore + CallStore + NumberStore + PlanStore,
{
    let (ours, theirs, all) =
        (default_organization(), samples::organization(1), samples::operator());
    let account = samples::account(1, &ours);
    AccountStore::add(store, &all, &account).await.unwrap();
    AgentStore::add(store, &all, &samples::agent(1, &ours)).await.unwrap();
    AgentStore::add(store, &all, &samples::agent(2, &theirs)).await.unwrap();
    NumberStore::add(store, &all, &samples::number(1, &account, None)).await.unwrap();
    store.save(&all, &samples::plan(1, &ours, 1)).await.unwrap();
    store.save(&all, &samples::plan(2, &theirs, 1)).await.unwrap();
    store.record(&[samples::call(1, account.sid, &ours)]).await.unwrap();
}

/// Another organization, as another program adds it.
fn another() -> String {
    format!(
        "INSERT INTO organizations (id, name, created_at) \
         SELECT '{}', 'other', created_at FROM organizations",
        samples::organization(1)
    )
}

/// What is refused, and by which constraint.
fn refused() -> Vec<(String, &'static str)> {
    let (agent, plan) = (samples::agent_id(2), samples::plan_id(2));
    let ours = default_organization();
    vec![
        (format!("UPDATE numbers SET agent_id = '{agent}', channels = 'voice'"), "numbers_agent"),
        (format!("UPDATE numbers SET plan_id = '{plan}'"), "numbers_plan"),
        (format!("UPDATE accounts SET plan_id = '{plan}'"), "accounts_plan"),
        (
            format!("UPDATE organizations SET plan_id = '{plan}' WHERE id = '{ours}'"),
            "organizations_plan",
        ),
        ("UPDATE agents SET capacity = 0".to_owned(), "agents_capacity"),
        ("UPDATE calls SET plan_id = NULL, plan_rule = NULL".to_owned(), "calls_plan_version"),
        ("UPDATE calls SET plan_id = NULL, plan_version = NULL".to_owned(), "calls_plan_rule"),
        ("UPDATE calls SET attempts = '{}'".to_owned(), "calls_attempts"),
        ("UPDATE routing_plans SET version = 0".to_owned(), "routing_plans_version"),
        (
            "UPDATE routing_plan_versions SET version = -1".to_owned(),
            "routing_plan_versions_version",
        ),
    ]
}

/// What is taken, so that nothing above is refused for another reason.
fn taken() -> Vec<String> {
    let plan = samples::plan_id(1);
    let ours = default_organization();
    vec![
        format!("UPDATE numbers SET plan_id = '{plan}'"),
        format!("UPDATE accounts SET plan_id = '{plan}'"),
        format!("UPDATE organizations SET plan_id = '{plan}' WHERE id = '{ours}'"),
        "UPDATE agents SET capacity = 1".to_owned(),
        "UPDATE calls SET attempts = '[]'".to_owned(),
    ]
}

/// What is refused of the audit log.
const AUDIT: [&str; 2] = ["UPDATE audit SET action = 'agent.removed'", "DELETE FROM audit"];
const REFUSED_AUDIT: &str = "entries of the audit log are neither changed nor deleted";

#[tokio::test(flavor = "multi_thread")]
async fn a_file_refuses_what_is_not_to_be_past_the_program_too() {
    let fixture = sqlite_fixture::Fixture::fresh().await;
    let mut conn = fixture.connect();
    conn.batch_execute(&another()).unwrap();
    fill(&fixture.store).await;
    conn.batch_execute("PRAGMA foreign_keys = ON").unwrap();
    for statement in taken() {
        conn.batch_execute(&statement).unwrap();
    }
    for (statement, constraint) in refused() {
        let error = diesel::RunQueryDsl::execute(diesel::sql_query(&statement), &mut conn);
        let text = error.unwrap_err().to_string();
        // SQLite names the constraints of columns, and no foreign keys.
        let expected = text.contains("FOREIGN KEY") || text.ends_with(constraint);
        assert!(expected, "{statement}: {text}");
    }
    for statement in AUDIT {
        let error = conn.batch_execute(statement).unwrap_err();
        assert!(error.to_string().contains(REFUSED_AUDIT), "{statement}: {error}");
    }
    let unreadable = conn.batch_execute("UPDATE calls SET attempts = 'none'").unwrap_err();
    assert!(unreadable.to_string().contains("malformed JSON"), "{unreadable}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_refuses_what_is_not_to_be_past_the_program_too() {
    let fixture = postgres_fixture::Fixture::fresh().await;
    let client = fixture.connect().await;
    client.batch_execute(&another()).await.unwrap();
    fill(&fixture.store).await;
    for statement in taken() {
        client.batch_execute(&statement).await.unwrap();
    }
    for (statement, constraint) in refused() {
        let error = client.batch_execute(&statement).await.unwrap_err();
        assert_eq!(error.as_db_error().unwrap().constraint(), Some(constraint), "{statement}");
    }
    for statement in AUDIT.into_iter().chain(["TRUNCATE audit"]) {
        let error = client.batch_execute(statement).await.unwrap_err();
        assert_eq!(error.as_db_error().unwrap().message(), REFUSED_AUDIT, "{statement}");
    }
    let unreadable = client.batch_execute("UPDATE calls SET attempts = 'none'").await.unwrap_err();
    assert!(unreadable.as_db_error().unwrap().message().contains("json"), "{unreadable:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migrated_file_is_whole() {
    #[derive(diesel::QueryableByName)]
    struct Verdict {
        #[diesel(sql_type = diesel::sql_types::Text)]
        integrity_check: String,
    }
    let fixture = sqlite_fixture::Fixture::fresh().await;
    fixture.connect().batch_execute(&another()).unwrap();
    fill(&fixture.store).await;
    let check = diesel::sql_query("PRAGMA integrity_check");
    let verdict: Vec<Verdict> = diesel::RunQueryDsl::load(check, &mut fixture.connect()).unwrap();
    assert_eq!(verdict.iter().map(|one| &*one.integrity_check).collect::<Vec<_>>(), ["ok"]);
    // A later migration can still add a column to each of the tables whose texts were written.
    for table in ["organizations", "accounts", "numbers"] {
        let add = format!("ALTER TABLE {table} ADD COLUMN later TEXT");
        fixture.connect().batch_execute(&add).unwrap();
    }
}
