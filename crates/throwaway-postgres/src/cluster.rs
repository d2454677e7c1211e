//! A cluster of a test's own.

use std::sync::Arc;

use crate::address::Address;
use crate::guardian::WatchDog;
use crate::server::{Commits, Server};
use crate::{folder, off_the_runtime};

pub use crate::server::StopMode;

/// A whole Postgres for one test, which may stop it, start it again, and freeze it. It keeps whatever it has confirmed
/// as committed, even through [`StopMode::Immediate`].
///
/// Making one takes half a second or more: tests that only need a database use [`fresh_database`](crate::fresh_database).
pub struct Cluster {
    server: Arc<Server>,
    watch_dog: WatchDog,
}

impl Cluster {
    /// Makes and starts a cluster.
    ///
    /// # Panics
    /// If Postgres is not installed or does not start.
    pub async fn private() -> Self {
        off_the_runtime(|| {
            let folder = folder::private();
            let watch_dog = WatchDog::over(&folder);
            let server = Server::in_folder(&folder);
            server.create(Commits::Kept, watch_dog.hold());
            server.start(watch_dog.hold());
            Self { server: Arc::new(server), watch_dog }
        })
        .await
    }

    /// Where to reach a database of this cluster. It stays the same when the cluster is stopped and started. The
    /// database `postgres` is always there, and empty.
    pub fn url(&self, database: &str) -> String {
        self.address().url(database)
    }

    /// Stops the server, after resuming it if it was paused.
    ///
    /// # Panics
    /// If the server does not run.
    pub async fn stop(&self, mode: StopMode) {
        let (server, hold) = (Arc::clone(&self.server), self.watch_dog.hold());
        off_the_runtime(move || server.stop(mode, hold)).await;
    }

    /// Starts the server again, and returns when it answers.
    ///
    /// # Panics
    /// If it does not start.
    pub async fn start(&self) {
        let (server, hold) = (Arc::clone(&self.server), self.watch_dog.hold());
        off_the_runtime(move || server.start(hold)).await;
    }

    /// Freezes all processes of the server: connections are still accepted, but nothing is answered any more.
    ///
    /// # Panics
    /// If the server does not run.
    pub async fn pause(&self) {
        let server = Arc::clone(&self.server);
        off_the_runtime(move || server.pause()).await;
    }

    /// Lets a frozen server go on.
    pub async fn resume(&self) {
        let server = Arc::clone(&self.server);
        off_the_runtime(move || server.resume()).await;
    }

    pub(crate) fn address(&self) -> Address {
        self.server.address()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // Frozen processes would hold up the guardian, who ends when the watch-dog is dropped after this.
        self.server.resume();
    }
}
