//! Databases for a single test, on the shared server.

use std::process::id;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use tokio::runtime::Builder;
use tokio::time::timeout;
use tokio_postgres::error::SqlState;

use crate::address::Address;
use crate::{shared, template};

/// How long to wait for the server when a database is dropped.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A database. Dropping this value removes it and terminates its sessions.
#[derive(Debug)]
pub struct Database {
    /// The connection URL.
    pub url: String,
    name: String,
    address: Address,
}

/// Creates a database as a copy of a template, which is prepared once per key: typically by running the migrations, with
/// their hash as the key. `prepare` receives the URL of the database to prepare, and runs only if no test of any process
/// has prepared this key before. Connections that it leaves open are closed.
///
/// # Panics
/// If Postgres is not installed or does not start.
pub async fn fresh_database(template_key: &str, prepare: impl AsyncFnOnce(String)) -> Database {
    let address = shared::address().await;
    let template = template::get_or_create(&address, template_key, prepare).await;
    Database::copy(&template, address).await
}

impl Database {
    /// Creates an empty database, for tests of the migrations themselves.
    ///
    /// # Panics
    /// If Postgres is not installed or does not start.
    pub async fn empty() -> Self {
        Self::copy("template0", shared::address().await).await
    }

    async fn copy(template: &str, address: Address) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let client = address.connect_for_maintenance().await.expect("the cluster is running");
        loop {
            let number = NUMBER.fetch_add(1, Ordering::Relaxed);
            let name = format!("test_{}_{number}", id());
            let create = format!("CREATE DATABASE {name} TEMPLATE {template}");
            match template::run_when_unused(&client, &create).await {
                Ok(()) => {
                    let url = address.url(&name);
                    return Self { url, name, address };
                }
                // Left by a killed process with the same process ID.
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
        // Blocking inside a runtime is not possible, so this uses a thread with its own runtime. Failures are ignored,
        // because `cluster.sh` removes the whole server later.
        let thread = thread::spawn(move || {
            let runtime = Builder::new_current_thread().enable_all().build().ok()?;
            let dropped = async {
                let client = address.connect_for_maintenance().await.ok()?;
                client.batch_execute(&drop).await.ok()
            };
            runtime.block_on(async { timeout(TIMEOUT, dropped).await.ok()? })
        });
        let _ended = thread.join();
    }
}
