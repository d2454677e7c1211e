//! Databases that are prepared once and then copied.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::time::{Duration, Instant};

use tokio::time::sleep;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Error};

use crate::address::Address;

/// A session that was closed counts as a user of its database until the server has noticed.
const PATIENCE: Duration = Duration::from_secs(30);

/// Makes the template of this key, unless it is there, and returns its name.
pub(crate) async fn made(
    address: &Address,
    key: &str,
    prepare: impl AsyncFnOnce(String),
) -> String {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    let number = hasher.finish();
    let name = format!("template_{number:016x}");
    let client = address.maintain().await.expect("the cluster runs");
    if exists(&client, &name).await {
        return name;
    }
    // One process prepares it, the others wait. A process that is killed meanwhile loses the lock with its session.
    let lock = number.cast_signed();
    let taken = client.execute("SELECT pg_advisory_lock($1)", &[&lock]).await;
    taken.expect("the cluster grants locks");
    if !exists(&client, &name).await {
        // Its final name says that it is complete, so while in the making it has another.
        let draft = format!("draft_{number:016x}");
        run(&client, &format!("DROP DATABASE IF EXISTS {draft} WITH (FORCE)")).await;
        run(&client, &format!("CREATE DATABASE {draft}")).await;
        prepare(address.url(&draft)).await;
        close(&client, &draft, &name).await;
    }
    let freed = client.execute("SELECT pg_advisory_unlock($1)", &[&lock]).await;
    freed.expect("the lock was ours");
    name
}

/// Repeats a statement for as long as a database that it needs for itself is in use.
pub(crate) async fn run_when_unused(client: &Client, statement: &str) -> Result<(), Error> {
    let asked = Instant::now();
    loop {
        match client.batch_execute(statement).await {
            Err(error)
                if error.code() == Some(&SqlState::OBJECT_IN_USE) && asked.elapsed() < PATIENCE =>
            {
                sleep(Duration::from_millis(20)).await;
            }
            other => return other,
        }
    }
}

/// Nobody can connect to a template: Postgres refuses to copy a database that is in use.
async fn close(client: &Client, draft: &str, name: &str) {
    run(client, &format!("ALTER DATABASE {draft} WITH ALLOW_CONNECTIONS false")).await;
    let others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1";
    let ended = client.execute(others, &[&draft]).await;
    ended.expect("a superuser may end sessions");
    let rename = format!("ALTER DATABASE {draft} RENAME TO {name}");
    let renamed = run_when_unused(client, &rename).await;
    renamed.expect("nobody uses the database any more");
}

async fn exists(client: &Client, name: &str) -> bool {
    let found = client.query("SELECT FROM pg_database WHERE datname = $1", &[&name]).await;
    !found.expect("the catalogue is readable").is_empty()
}

async fn run(client: &Client, statement: &str) {
    if let Err(error) = client.batch_execute(statement).await {
        panic!("{statement}: {error:?}");
    }
}
