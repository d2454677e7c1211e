//! Template databases, which are prepared once and then copied.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::time::{Duration, Instant};

use tokio::time::sleep;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Error};

use crate::address::Address;

/// How long to retry while a closed session still counts as a user of its database.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Creates the template of this key unless it exists, and returns its name.
pub(crate) async fn get_or_create(
    address: &Address,
    key: &str,
    prepare: impl AsyncFnOnce(String),
) -> String {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    let number = hasher.finish();
    let name = format!("template_{number:016x}");
    let client = address.connect_for_maintenance().await.expect("the cluster is running");
    if exists(&client, &name).await {
        return name;
    }
    // Single flight: one process prepares the template, the others wait. If that process is killed, its session ends
    // and releases the lock.
    let lock = number.cast_signed();
    let taken = client.execute("SELECT pg_advisory_lock($1)", &[&lock]).await;
    taken.expect("advisory locks are available");
    if !exists(&client, &name).await {
        // It gets its final name only when it is complete.
        let draft = format!("draft_{number:016x}");
        run(&client, &format!("DROP DATABASE IF EXISTS {draft} WITH (FORCE)")).await;
        run(&client, &format!("CREATE DATABASE {draft}")).await;
        prepare(address.url(&draft)).await;
        close(&client, &draft, &name).await;
    }
    let freed = client.execute("SELECT pg_advisory_unlock($1)", &[&lock]).await;
    freed.expect("this session holds the lock");
    name
}

/// Retries a statement while a database that it needs exclusively is in use.
pub(crate) async fn run_when_unused(client: &Client, statement: &str) -> Result<(), Error> {
    let started = Instant::now();
    loop {
        match client.batch_execute(statement).await {
            Err(error)
                if error.code() == Some(&SqlState::OBJECT_IN_USE)
                    && started.elapsed() < TIMEOUT =>
            {
                sleep(Duration::from_millis(20)).await;
            }
            other => return other,
        }
    }
}

/// Prevents connections to a template, because Postgres does not copy a database that is in use.
async fn close(client: &Client, draft: &str, name: &str) {
    run(client, &format!("ALTER DATABASE {draft} WITH ALLOW_CONNECTIONS false")).await;
    let others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1";
    let ended = client.execute(others, &[&draft]).await;
    ended.expect("a superuser may terminate sessions");
    let rename = format!("ALTER DATABASE {draft} RENAME TO {name}");
    let renamed = run_when_unused(client, &rename).await;
    renamed.expect("the database has no sessions");
}

async fn exists(client: &Client, name: &str) -> bool {
    let found = client.query("SELECT FROM pg_database WHERE datname = $1", &[&name]).await;
    !found.expect("pg_database is readable").is_empty()
}

async fn run(client: &Client, statement: &str) {
    if let Err(error) = client.batch_execute(statement).await {
        panic!("{statement}: {error:?}");
    }
}
