//! The cluster shared by all test processes of a checkout.

use std::fs::{File, TryLockError};
use std::path::Path;

use tokio::sync::OnceCell;

use crate::address::Address;
use crate::cluster::Cluster;
use crate::server::{Server, SynchronousCommit};
use crate::{cleanup, folder, run_blocking};

/// The cluster of this process, which exists until the process ends.
enum SharedOrOwn {
    Shared(LeasedServer),
    /// Without `flock(1)`, each test process has its own cluster, which is slower.
    Own(Cluster),
}

/// The address of the cluster, which is started on the first call.
pub(crate) async fn address() -> Address {
    static CLUSTER: OnceCell<SharedOrOwn> = OnceCell::const_new();
    let cluster = CLUSTER.get_or_init(async || {
        if cleanup::can_wait_for_locks() {
            let join = || LeasedServer::of(&folder::checkout_name());
            SharedOrOwn::Shared(run_blocking(join).await)
        } else {
            SharedOrOwn::Own(Cluster::private().await)
        }
    });
    match cluster.await {
        SharedOrOwn::Shared(server) => server.server.address(),
        SharedOrOwn::Own(cluster) => cluster.address(),
    }
}

/// The shared server and a lease on it. The server runs while any process holds a lease.
struct LeasedServer {
    server: Server,
    /// A shared lock. The kernel releases it when the process ends, even if it is killed.
    _lease: File,
}

impl LeasedServer {
    fn of(name: &str) -> Self {
        loop {
            let folder = folder::shared(name);
            // Retries with a new folder if the cleanup process removed this one concurrently.
            if let Some(server) = Self::in_folder(&folder) {
                return server;
            }
        }
    }

    fn in_folder(folder: &Path) -> Option<Self> {
        let path = folder.join("start.lock");
        let start = folder::open_lock(&path)?;
        start.lock().expect("the file system supports locks");
        if !folder::is_current(&path, &start) {
            return None;
        }
        let lease = folder::open_lock(&folder.join("lease"))?;
        lease.lock_shared().expect("the file system supports locks");
        ensure_cleanup(folder);
        let server = Server::in_folder(folder);
        if !server.address().accepts_connections() {
            // The last start was interrupted, or the server was killed.
            cleanup::wipe(folder);
            let keep_alive = || start.try_clone().expect("a file descriptor is available");
            server.create(SynchronousCommit::Off, keep_alive().into());
            server.start(keep_alive().into());
        }
        Some(Self { server, _lease: lease })
    }
}

/// Starts a cleanup process unless one is running.
fn ensure_cleanup(folder: &Path) {
    let lock = folder::open_lock(&folder.join("cleanup.lock"));
    let lock = lock.expect("the folder exists while start.lock is held");
    match lock.try_lock() {
        Ok(()) => cleanup::start_for_leases(folder, lock),
        Err(TryLockError::WouldBlock) => {}
        Err(TryLockError::Error(error)) => panic!("cannot lock cleanup.lock: {error}"),
    }
}

#[cfg(test)]
mod tests;
