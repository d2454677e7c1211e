//! Databases for a single test.
#![expect(clippy::expect_used, reason = "fixtures fail by panicking")]

use std::sync::atomic::{AtomicU32, Ordering};

use throwaway_postgres::{Database, fresh_database};
use tokio_postgres::{Client, NoTls};

async fn connect(url: &str) -> Result<Client, tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

async fn count(client: &Client, table: &str) -> i64 {
    let rows = client.query_one(&format!("SELECT count(*) FROM {table}"), &[]).await;
    rows.expect("the table exists").get(0)
}

async fn with_a_table(key: &str) -> Database {
    fresh_database(key, async |url| {
        let client = connect(&url).await.expect("a draft accepts connections");
        let made = client.batch_execute("CREATE TABLE agents (name text)").await;
        made.expect("a draft is writable");
        // Leaves the connection open, which must not prevent copying.
        std::mem::forget(client);
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn databases_are_isolated() {
    let (one, two) = tokio::join!(with_a_table("isolated"), with_a_table("isolated"));
    let (one, two) = (connect(&one.url).await.unwrap(), connect(&two.url).await.unwrap());
    one.execute("INSERT INTO agents VALUES ('Sales')", &[]).await.unwrap();
    assert_eq!(count(&one, "agents").await, 1);
    assert_eq!(count(&two, "agents").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_is_prepared_once() {
    let times = AtomicU32::new(0);
    // A unique key, because the cluster and its templates may be older than this run.
    let key = format!("once-{}", std::process::id());
    let prepare = async |_| {
        times.fetch_add(1, Ordering::Relaxed);
    };
    let (_a, _b, _c) = tokio::join!(
        fresh_database(&key, prepare),
        fresh_database(&key, prepare),
        fresh_database(&key, prepare)
    );
    assert_eq!(times.into_inner(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_preparation_is_repeated() {
    let key = format!("failing-{}", std::process::id());
    let failing = key.clone();
    let failed =
        tokio::spawn(async move { fresh_database(&failing, async |_| panic!("on purpose")).await });
    assert!(failed.await.is_err());
    let database = with_a_table(&key).await;
    let client = connect(&database.url).await.unwrap();
    assert_eq!(count(&client, "agents").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_database_has_no_tables() {
    let database = Database::empty().await;
    let client = connect(&database.url).await.unwrap();
    assert_eq!(count(&client, "pg_tables WHERE schemaname = 'public'").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_database_is_removed_even_if_it_is_in_use() {
    let database = Database::empty().await;
    let url = database.url.clone();
    let client = connect(&url).await.unwrap();
    drop(database);
    assert!(client.simple_query("SELECT 1").await.is_err());
    assert!(connect(&url).await.is_err());
}
