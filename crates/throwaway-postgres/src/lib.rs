//! Temporary Postgres servers for tests, without a service, a container or a TCP port.
//!
//! All test processes of a checkout share one cluster, which listens only on a Unix socket in a private folder. Each test
//! gets its own database with [`fresh_database`] or [`Database::empty`]. A test that stops, restarts or suspends its
//! server uses its own [`Cluster`].
//!
//! Everything is removed afterwards, even after `kill -9`: when a process ends, the kernel releases its locks and closes
//! its pipes; a cleanup process waits for this, stops the server and removes the folder.
//!
//! If Postgres is not installed, tests fail with instructions. They are never skipped.
#![warn(missing_docs)]
#![expect(clippy::expect_used, reason = "a test without its database fails by a panic")]

mod account;
mod address;
mod binaries;
mod cleanup;
mod cluster;
mod database;
mod folder;
mod processes;
mod server;
mod shared;
mod template;

pub use cluster::{Cluster, StopMode};
pub use database::{Database, fresh_database};

use std::panic::resume_unwind;

/// Runs blocking work, such as starting programs and waiting for locks, outside the async runtime. A panic is propagated
/// with its message.
async fn run_blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(value) => value,
        Err(failure) => resume_unwind(failure.into_panic()),
    }
}
