//! The cluster that all test processes of the checkout share.

use std::fs::{File, TryLockError};
use std::path::Path;

use tokio::sync::OnceCell;

use crate::address::Address;
use crate::cluster::Cluster;
use crate::server::{Commits, Server};
use crate::{folder, guardian, off_the_runtime};

/// Kept until the process ends.
enum Home {
    Shared(Membership),
    /// Where a shell cannot wait for locks, each test process has a cluster of its own: slower, but as clean.
    Own(Cluster),
}

pub(crate) async fn address() -> Address {
    static HOME: OnceCell<Home> = OnceCell::const_new();
    let home = HOME.get_or_init(async || {
        if guardian::can_watch_leases() {
            let join = || Membership::of(&folder::name_of_checkout());
            Home::Shared(off_the_runtime(join).await)
        } else {
            Home::Own(Cluster::private().await)
        }
    });
    match home.await {
        Home::Shared(membership) => membership.server.address(),
        Home::Own(cluster) => cluster.address(),
    }
}

/// While this lives, the cluster does.
struct Membership {
    server: Server,
    /// Locked, together with all other processes; the kernel unlocks it when the process ends in whatever way.
    _lease: File,
}

impl Membership {
    fn of(name: &str) -> Self {
        loop {
            let folder = folder::shared(name);
            // Not if a guardian has removed the folder meanwhile: then there will be another.
            if let Some(membership) = Self::in_folder(&folder) {
                return membership;
            }
        }
    }

    fn in_folder(folder: &Path) -> Option<Self> {
        let path = folder.join("start.lock");
        let start = folder::open_lock(&path)?;
        start.lock().expect("the folder's file system has locks");
        if !folder::is_still(&path, &start) {
            return None;
        }
        let lease = folder::open_lock(&folder.join("lease"))?;
        lease.lock_shared().expect("one lock could be taken already");
        guard(folder);
        let server = Server::in_folder(folder);
        if !server.address().answers() {
            // Its last start was interrupted, or something has killed it.
            guardian::wipe(folder);
            let hold = || start.try_clone().expect("a file descriptor is left");
            server.create(Commits::Forgotten, hold().into());
            server.start(hold().into());
        }
        Some(Self { server, _lease: lease })
    }
}

/// Starts a guardian if there is none, or none any more.
fn guard(folder: &Path) {
    let guard = folder::open_lock(&folder.join("guard.lock"));
    let guard = guard.expect("the folder is not removed while start.lock is held");
    match guard.try_lock() {
        Ok(()) => guardian::watch_leases(folder, guard),
        Err(TryLockError::WouldBlock) => {}
        Err(TryLockError::Error(error)) => panic!("cannot lock guard.lock: {error}"),
    }
}

#[cfg(test)]
mod tests;
