//! A Postgres for tests that nobody has to set up: no service, no container, no port.
//!
//! All test processes of a checkout share one cluster, which listens on a Unix socket in a private folder only, and
//! every test gets a database of its own from it with [`fresh_database`] or [`Database::empty`]. A test that has to
//! stop, start or freeze its server takes a whole [`Cluster`] of its own.
//!
//! Nothing is left behind, not even after `kill -9`: the kernel frees the locks (or closes the pipe) of a process that
//! ends in whatever way, and a small guardian process waits for that, ends the server and removes the folder.
//!
//! Where no Postgres is installed, tests fail with a sentence that says what to install. They are never skipped.
#![expect(
    clippy::expect_used,
    reason = "a test whose database cannot be set up has failed, and says so by a panic"
)]

mod account;
mod address;
mod binaries;
mod cluster;
mod database;
mod folder;
mod guardian;
mod processes;
mod server;
mod shared;
mod template;

pub use cluster::{Cluster, StopMode};
pub use database::{Database, fresh_database};

use std::panic::resume_unwind;

/// Runs what blocks (starting programs, waiting for locks) where it holds up no other task of the test. A panic keeps
/// its own message, which is the sentence that the reader of a red test needs.
async fn off_the_runtime<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(value) => value,
        Err(failure) => resume_unwind(failure.into_panic()),
    }
}
