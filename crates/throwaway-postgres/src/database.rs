//! A database of a test's own, in the shared cluster.

use std::process::id;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use tokio::runtime::Builder;
use tokio::time::timeout;
use tokio_postgres::error::SqlState;

use crate::address::Address;
use crate::{shared, template};

/// How long a test waits at its end for a server that does not answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// A database that is removed when this is dropped, together with all sessions in it.
#[derive(Debug)]
pub struct Database {
    /// Where to reach it.
    pub url: String,
    name: String,
    address: Address,
}

/// A copy of a database that was prepared once for everybody who gives the same key: typically by running the
/// migrations, whose hash then is the key. `prepare` gets the URL of the database to prepare, and runs only if no test
/// of any process has done so before; what it leaves open is closed.
///
/// # Panics
/// If Postgres is not installed or does not start.
pub async fn fresh_database(template_key: &str, prepare: impl AsyncFnOnce(String)) -> Database {
    let address = shared::address().await;
    let template = template::made(&address, template_key, prepare).await;
    Database::copy_of(&template, address).await
}

impl Database {
    /// A database without anything in it, for tests of the migrations themselves.
    ///
    /// # Panics
    /// If Postgres is not installed or does not start.
    pub async fn empty() -> Self {
        Self::copy_of("template0", shared::address().await).await
    }

    async fn copy_of(template: &str, address: Address) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let client = address.maintain().await.expect("the cluster runs");
        loop {
            let number = NUMBER.fetch_add(1, Ordering::Relaxed);
            let name = format!("test_{}_{number}", id());
            let create = format!("CREATE DATABASE {name} TEMPLATE {template}");
            match template::run_when_unused(&client, &create).await {
                Ok(()) => {
                    let url = address.url(&name);
                    return Self { url, name, address };
                }
                // A process of our number was killed and left it.
                Err(error) if error.code() == Some(&SqlState::DUPLICATE_DATABASE) => {}
                Err(error) => panic!("{create}: {error:?}"),
            }
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let address = self.address.clone();
        let drop = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        // A runtime cannot be waited for from within another, hence a thread with its own. What fails here is left to
        // the guardian, who removes the whole cluster: a test that has passed does not fail by it.
        let thread = thread::spawn(move || {
            let runtime = Builder::new_current_thread().enable_all().build().ok()?;
            let dropped = async {
                let client = address.maintain().await.ok()?;
                client.batch_execute(&drop).await.ok()
            };
            runtime.block_on(async { timeout(PATIENCE, dropped).await.ok()? })
        });
        let _ended = thread.join();
    }
}
