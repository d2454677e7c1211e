//! Clusters for a single test.

use std::sync::Arc;

use crate::address::Address;
use crate::cleanup::CleanupProcess;
use crate::server::{Server, SynchronousCommit};
use crate::{folder, run_blocking};

pub use crate::server::StopMode;

/// A Postgres server for one test, which can stop, restart and suspend it. Confirmed transactions survive even
/// [`StopMode::Immediate`].
///
/// Creating one takes half a second or more. Tests that only need a database use
/// [`fresh_database`](crate::fresh_database).
pub struct Cluster {
    server: Arc<Server>,
    cleanup: CleanupProcess,
}

impl Cluster {
    /// Creates and starts a cluster.
    ///
    /// # Panics
    /// If Postgres is not installed or does not start.
    pub async fn private() -> Self {
        run_blocking(|| {
            let folder = folder::private();
            let cleanup = CleanupProcess::start(&folder);
            let server = Server::in_folder(&folder);
            server.create(SynchronousCommit::On, cleanup.keep_alive());
            server.start(cleanup.keep_alive());
            Self { server: Arc::new(server), cleanup }
        })
        .await
    }

    /// The URL of a database of this cluster. It does not change when the cluster is restarted. The database `postgres`
    /// always exists and is empty.
    pub fn url(&self, database: &str) -> String {
        self.address().url(database)
    }

    /// Stops the server. If it is paused, it is resumed first.
    ///
    /// # Panics
    /// If the server is not running.
    pub async fn stop(&self, mode: StopMode) {
        let (server, keep_alive) = (Arc::clone(&self.server), self.cleanup.keep_alive());
        run_blocking(move || server.stop(mode, keep_alive)).await;
    }

    /// Starts the server again and waits until it accepts connections.
    ///
    /// # Panics
    /// If it does not start.
    pub async fn start(&self) {
        let (server, keep_alive) = (Arc::clone(&self.server), self.cleanup.keep_alive());
        run_blocking(move || server.start(keep_alive)).await;
    }

    /// Suspends all processes of the server: connections are still accepted, but the server does not respond.
    ///
    /// # Panics
    /// If the server is not running.
    pub async fn pause(&self) {
        let server = Arc::clone(&self.server);
        run_blocking(move || server.pause()).await;
    }

    /// Resumes a paused server.
    pub async fn resume(&self) {
        let server = Arc::clone(&self.server);
        run_blocking(move || server.resume()).await;
    }

    pub(crate) fn address(&self) -> Address {
        self.server.address()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // Paused processes would delay the cleanup, which starts when `cleanup` is dropped after this.
        self.server.resume();
    }
}
