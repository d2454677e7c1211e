//! Making the tables: once, by whoever comes first, and never those of a newer program.
#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

use std::error::Error;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use diesel::backend::Backend;
use diesel::connection::SimpleConnection;
use diesel::sqlite::SqliteConnection;
use diesel::{Connection as _, RunQueryDsl as _};
use diesel_async::AsyncPgConnection;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use switchboard_contract::samples;
use switchboard_domain::agent::Label;
use switchboard_domain::carrier::{AccountStatus, Region};
use switchboard_domain::number::RepairPolicy;
use switchboard_domain::plan::CatalogueNames;
use switchboard_domain::ports::{
    AccountStore, AgentLimits, CallStore, CatalogueStore, ConfigurationStore, LiveCallStore,
    NumberFilter, Page, RouteStore,
};
use switchboard_domain::time::Timestamp;
use switchboard_store_diesel::{
    DatabaseOpenError, Missing, PostgresOptions, PostgresStore, PostgresUrl, SchemaState,
    SqliteOptions, SqliteStore,
};
use throwaway_postgres::{Cluster, Database};
use tokio_postgres::NoTls;

const SQLITE: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");

/// Records every migration where diesel's own tools look for them.
const ONE_LEDGER: &str = "INSERT INTO __diesel_schema_migrations (version) SELECT version FROM __switchboard_compatible_migrations; \
    DROP TABLE __switchboard_compatible_migrations;";
/// The last migration that every program has to know.
const LAST_REQUIRED: &str = "20261128000004";
/// Makes the database look as if a newer program had run a migration that this one tolerates.
const COMPATIBLE: &str =
    "INSERT INTO __switchboard_compatible_migrations (version) VALUES ('20991231000001')";

async fn open(path: &Path) -> Result<SqliteStore, DatabaseOpenError> {
    SqliteStore::open(path, &SqliteOptions::default()).await
}

fn connect(path: &Path) -> SqliteConnection {
    SqliteConnection::establish(path.to_str().unwrap()).unwrap()
}

async fn postgres() -> (Database, PostgresUrl) {
    let database = Database::empty().await;
    let url = PostgresUrl::parse(&database.url).unwrap();
    (database, url)
}

async fn execute(database: &Database, statement: &str) {
    let (client, connection) = tokio_postgres::connect(&database.url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute(statement).await.unwrap();
}

/// An error with all its causes.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn many_that_migrate_a_file_at_once_do_it_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/switchboard.db");
    let all = (0..8).map(|_| {
        let path = path.clone();
        tokio::spawn(async move { SqliteStore::migrate(&path).await.unwrap().versions })
    });
    let mut did = 0;
    for one in all.collect::<Vec<_>>() {
        did += usize::from(!one.await.unwrap().is_empty());
    }
    assert_eq!(did, 1);
    open(&path).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn many_that_migrate_a_server_at_once_do_it_once() {
    let (_database, url) = postgres().await;
    let all = (0..8).map(|_| {
        let url = url.clone();
        tokio::spawn(async move { PostgresStore::migrate(&url).await.unwrap().versions })
    });
    let mut did = 0;
    for one in all.collect::<Vec<_>>() {
        did += usize::from(!one.await.unwrap().is_empty());
    }
    assert_eq!(did, 1);
    PostgresStore::connect(&url, &PostgresOptions::default()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_file_is_nobody_elses_to_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("switchboard.db");
    SqliteStore::migrate(&path).await.unwrap();
    let _store = open(&path).await.unwrap();
    for file in fs::read_dir(folder.path()).unwrap() {
        let file = file.unwrap();
        assert_eq!(
            file.metadata().unwrap().permissions().mode() & 0o777,
            0o600,
            "{:?}",
            file.path()
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_not_there_is_not_made_by_opening_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("switchboard.db");
    let error = open(&path).await.unwrap_err();
    assert!(matches!(error, DatabaseOpenError::Missing { .. }), "{error:?}");
    assert!(error.to_string().contains("there is no database at"), "{error}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_cannot_be_made_is_told_with_the_path() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("letter.txt/switchboard.db");
    // Where a file is, nobody can make a folder, not even root.
    fs::write(folder.path().join("letter.txt"), "Dear Sir or Madam").unwrap();
    let error = SqliteStore::migrate(&path).await.unwrap_err();
    assert!(matches!(error, DatabaseOpenError::NotCreatable { .. }), "{error:?}");
    for words in [path.to_str().unwrap(), "cannot be created"] {
        assert!(error.to_string().contains(words), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_and_a_file_of_another_kind_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    for error in
        [open(folder.path()).await.map(drop), SqliteStore::migrate(folder.path()).await.map(drop)]
    {
        assert!(matches!(error, Err(DatabaseOpenError::Folder { .. })), "{error:?}");
    }
    let path = folder.path().join("letter.txt");
    let letter = "Dear Sir or Madam, ".repeat(100);
    fs::write(&path, &letter).unwrap();
    for error in [open(&path).await.map(drop), SqliteStore::migrate(&path).await.map(drop)] {
        assert!(matches!(error, Err(DatabaseOpenError::NotADatabase { .. })), "{error:?}");
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), letter);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_was_never_migrated_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("empty.db");
    fs::write(&path, "").unwrap();
    let error = open(&path).await.unwrap_err();
    assert!(matches!(error, DatabaseOpenError::Schema(SchemaState::NotMigrated)), "{error:?}");

    let (_database, url) = postgres().await;
    let error = PostgresStore::connect(&url, &PostgresOptions::default()).await.unwrap_err();
    assert!(matches!(error, DatabaseOpenError::Schema(SchemaState::NotMigrated)), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_file_is_refused_with_its_version() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("switchboard.db");
    SqliteStore::migrate(&path).await.unwrap();
    let statement = "INSERT INTO __diesel_schema_migrations (version) VALUES ('20991231000001')";
    diesel::sql_query(statement).execute(&mut connect(&path)).unwrap();
    for error in [open(&path).await.map(drop), SqliteStore::migrate(&path).await.map(drop)] {
        let error = error.unwrap_err();
        assert!(error.to_string().contains("does not know migration 20991231000001"), "{error}");
    }
}

/// An earlier release reads diesel's ledger only, and finds nothing there that it does not know.
#[tokio::test(flavor = "multi_thread")]
async fn programs_before_a_compatible_migration_work_with_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("switchboard.db");
    SqliteStore::migrate(&path).await.unwrap();
    let later = connect(&path).applied_migrations().unwrap();
    let later =
        later.iter().map(ToString::to_string).filter(|version| version.as_str() > LAST_REQUIRED);
    assert_eq!(later.collect::<Vec<_>>(), Vec::<String>::new());
    diesel::sql_query(COMPATIBLE).execute(&mut connect(&path)).unwrap();
    assert_eq!(SqliteStore::schema_state(&path).await.unwrap(), SchemaState::Current);
    assert!(SqliteStore::migrate(&path).await.unwrap().versions.is_empty());
    open(&path).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_before_a_compatible_migration_work_with_a_server() {
    let (database, url) = postgres().await;
    PostgresStore::migrate(&url).await.unwrap();
    let (client, connection) = tokio_postgres::connect(&database.url, NoTls).await.unwrap();
    tokio::spawn(connection);
    let later = "SELECT version FROM __diesel_schema_migrations WHERE version > $1";
    assert!(client.query(later, &[&LAST_REQUIRED]).await.unwrap().is_empty());
    execute(&database, COMPATIBLE).await;
    assert_eq!(PostgresStore::schema_state(&url).await.unwrap(), SchemaState::Current);
    assert!(PostgresStore::migrate(&url).await.unwrap().versions.is_empty());
    PostgresStore::connect(&url, &PostgresOptions::default()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_server_is_refused_with_its_version() {
    let (database, url) = postgres().await;
    PostgresStore::migrate(&url).await.unwrap();
    execute(
        &database,
        "INSERT INTO __diesel_schema_migrations (version) VALUES ('20991231000001')",
    )
    .await;
    let opened = PostgresStore::connect(&url, &PostgresOptions::default()).await.map(drop);
    for error in [opened, PostgresStore::migrate(&url).await.map(drop)] {
        let error = error.unwrap_err();
        assert!(error.to_string().contains("does not know migration 20991231000001"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_migration_of_a_file_can_be_undone_and_done_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("switchboard.db");
    let first = SqliteStore::migrate(&path).await.unwrap();
    connect(&path).batch_execute(ONE_LEDGER).unwrap();
    connect(&path).revert_all_migrations(SQLITE).unwrap();
    assert_eq!(SqliteStore::schema_state(&path).await.unwrap(), SchemaState::NotMigrated);
    assert_eq!(SqliteStore::migrate(&path).await.unwrap(), first);
    assert_eq!(SqliteStore::schema_state(&path).await.unwrap(), SchemaState::Current);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_migration_of_a_server_can_be_undone_and_done_again() {
    let (database, url) = postgres().await;
    let first = PostgresStore::migrate(&url).await.unwrap();
    execute(&database, ONE_LEDGER).await;
    let place = database.url.clone();
    tokio::task::spawn_blocking(move || {
        let mut conn = AsyncConnectionWrapper::<AsyncPgConnection>::establish(&place).unwrap();
        conn.revert_all_migrations(POSTGRES).unwrap();
    })
    .await
    .unwrap();
    assert_eq!(PostgresStore::schema_state(&url).await.unwrap(), SchemaState::NotMigrated);
    assert_eq!(PostgresStore::migrate(&url).await.unwrap(), first);
    assert_eq!(PostgresStore::schema_state(&url).await.unwrap(), SchemaState::Current);
}

/// What the releases before the newest migrations write: they name the columns that they know.
const BEFORE: [&str; 6] = [
    "INSERT INTO accounts (sid, organization_id, name, parent_sid, sealed_token, sealed_next_token, created_at) \
     SELECT 'AC00000000000000000000000000000001', id, 'one', NULL, ('token'), NULL, created_at FROM organizations",
    "INSERT INTO numbers (phone_number, organization_id, account_sid, agent_id, channels, created_at) \
     SELECT '+14155550100', id, 'AC00000000000000000000000000000001', NULL, '', created_at FROM organizations",
    "UPDATE accounts SET name = 'two', sealed_token = ('token')",
    "INSERT INTO agents (id, organization_id, external_id, name, prompt, voice, model, language, voice_target_kind, \
     voice_target_value, message_target_kind, message_target_value, state, created_at) \
     SELECT 'agt_00000000000000000000000000', id, 'sales', 'Sales', '', NULL, NULL, NULL, NULL, NULL, NULL, NULL, \
     'enabled', created_at FROM organizations",
    "UPDATE numbers SET agent_id = 'agt_00000000000000000000000000', channels = 'voice'",
    "INSERT INTO calls (account_sid, sid, organization_id, from_address, to_address, agent_id, reason, verified_by, \
     decided_at, status, status_rank, status_at, duration_seconds, connection_ended_at, connection_error, first_seen_at) \
     SELECT 'AC00000000000000000000000000000001', 'CA00000000000000000000000000000001', id, NULL, '+14155550100', \
     'agt_00000000000000000000000000', 'assigned', 'primary_token', created_at, 'ringing', 2, created_at, NULL, NULL, \
     NULL, created_at FROM organizations",
];

/// What such a release has left is an ordinary account, an untouched number, an agent without limits, and a call that
/// no plan decided.
async fn are_ordinary<S>(store: &S)
where
    S: AccountStore + CallStore + CatalogueStore + ConfigurationStore + LiveCallStore + RouteStore,
{
    let accounts = AccountStore::list(store, &samples::operator(), &Page::first(9)).await.unwrap();
    let [account] = accounts.as_slice() else { panic!("{accounts:?}") };
    assert_eq!((account.region, account.status), (Region::default(), AccountStatus::default()));
    assert_eq!(account.api_key, None);
    let all = NumberFilter::default();
    let numbers =
        ConfigurationStore::list(store, &samples::operator(), &all, &Page::first(9)).await;
    let numbers = numbers.unwrap();
    let [number] = numbers.as_slice() else { panic!("{numbers:?}") };
    assert_eq!((&number.adopted, &number.observation), (&None, &None));
    assert_eq!(number.policy, RepairPolicy::Manual);
    let route = store.route(number.number.sender).await.unwrap().unwrap();
    assert_eq!((route.plan, route.assigned.is_some()), (None, true));
    let words = vec![Label::parse("sales").unwrap()];
    let names = CatalogueNames { agents: words, ..CatalogueNames::default() };
    let materials = store.materials(&account.organization, &names).await.unwrap();
    let [agent] = materials.agents.as_slice() else { panic!("{materials:?}") };
    assert_eq!(agent.limits, AgentLimits::default());
    let calls = CallStore::list(store, &samples::operator(), &Page::first(9)).await.unwrap();
    let [call] = calls.as_slice() else { panic!("{calls:?}") };
    assert_eq!((&call.decision.as_ref().unwrap().rule, &call.facts), (&None, &None));
    assert_eq!(call.attempts, []);
    let live = store.live_calls(Timestamp::from_micros(0), 9).await.unwrap();
    assert_eq!(live, [((call.account, call.call), agent.id.clone())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_release_before_can_go_on_writing_into_a_migrated_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("switchboard.db");
    SqliteStore::migrate(&path).await.unwrap();
    for statement in BEFORE {
        let statement = statement.replace("('token')", "CAST('token' AS BLOB)");
        diesel::sql_query(statement).execute(&mut connect(&path)).unwrap();
    }
    are_ordinary(&open(&path).await.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_release_before_can_go_on_writing_into_a_migrated_server() {
    let (database, url) = postgres().await;
    PostgresStore::migrate(&url).await.unwrap();
    for statement in BEFORE {
        execute(&database, &statement.replace("('token')", "'token'::bytea")).await;
    }
    are_ordinary(&PostgresStore::connect(&url, &PostgresOptions::default()).await.unwrap()).await;
}

/// Removes the indexes of lists, in the same words for both databases.
const HISTORY_INDEXES: &str =
    include_str!("../../../migrations/sqlite/2026-11-29-000009_history_indexes/down.sql");

/// Reverts the indexes of combined filters.
const COMBINED_FILTERS: &str =
    include_str!("../../../migrations/sqlite/2026-11-29-000016_combined_filters/down.sql");
/// Removes the indexes of operators' lists.
const OPERATOR_INDEXES: &str =
    include_str!("../../../migrations/sqlite/2026-11-29-000013_operator_lists/down.sql");

fn revert_to_the_first<B: Backend>(
    conn: &mut (impl MigrationHarness<B> + SimpleConnection),
    migrations: fn() -> EmbeddedMigrations,
) {
    // Indexes of a compatible migration hold columns that the first schema does not have.
    for indexes in [COMBINED_FILTERS, OPERATOR_INDEXES, HISTORY_INDEXES] {
        conn.batch_execute(indexes).unwrap();
    }
    while conn.applied_migrations().unwrap().len() > 1 {
        conn.revert_last_migration(migrations()).unwrap();
    }
}

/// A statement with the column names of the first migration.
fn in_the_first_schema(statement: &str) -> String {
    statement.replace("verified_by", "evidence")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_kept_before_a_migration_is_kept_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("switchboard.db");
    SqliteStore::migrate(&path).await.unwrap();
    revert_to_the_first(&mut connect(&path), || SQLITE);
    for statement in BEFORE {
        let statement =
            in_the_first_schema(statement).replace("('token')", "CAST('token' AS BLOB)");
        diesel::sql_query(statement).execute(&mut connect(&path)).unwrap();
    }
    let state = SqliteStore::schema_state(&path).await.unwrap();
    assert!(matches!(state, SchemaState::Older { .. }), "{state:?}");
    SqliteStore::migrate(&path).await.unwrap();
    are_ordinary(&open(&path).await.unwrap()).await;

    let (database, url) = postgres().await;
    PostgresStore::migrate(&url).await.unwrap();
    let place = database.url.clone();
    tokio::task::spawn_blocking(move || {
        let mut conn = AsyncConnectionWrapper::<AsyncPgConnection>::establish(&place).unwrap();
        revert_to_the_first(&mut conn, || POSTGRES);
    })
    .await
    .unwrap();
    for statement in BEFORE {
        let statement = in_the_first_schema(statement).replace("('token')", "'token'::bytea");
        execute(&database, &statement).await;
    }
    let state = PostgresStore::schema_state(&url).await.unwrap();
    assert!(matches!(state, SchemaState::Older { .. }), "{state:?}");
    PostgresStore::migrate(&url).await.unwrap();
    are_ordinary(&PostgresStore::connect(&url, &PostgresOptions::default()).await.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_the_database_says_so_and_shows_no_password() {
    let cluster = Cluster::private().await;
    let url = cluster.url("nowhere").replace("user=postgres", "user=postgres&password=hunter2");
    let url = PostgresUrl::parse(&url).unwrap();
    let error = PostgresStore::connect(&url, &PostgresOptions::default()).await.unwrap_err();
    assert!(
        matches!(error, DatabaseOpenError::Missing { what: Missing::OnServer, .. }),
        "{error:?}"
    );
    assert!(!format!("{error:?} {}", chain(&error)).contains("hunter2"), "{error}");

    let url = PostgresUrl::parse("postgres://me:hunter2@127.0.0.1:1/calls").unwrap();
    let error = PostgresStore::connect(&url, &PostgresOptions::default()).await.unwrap_err();
    assert!(matches!(error, DatabaseOpenError::Unreachable { .. }), "{error:?}");
    let shown = format!("{error:?} {}", chain(&error));
    assert!(shown.contains("onnection refused") && !shown.contains("hunter2"), "{shown}");
}
