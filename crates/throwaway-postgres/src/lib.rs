//! Temporary Postgres servers for tests, without a service, a container or a TCP port.
//!
//! `scripts/test` starts one server for all tests and names its folder in `PGTEST_SOCKET`. Without this variable, each
//! test process starts its own, which is slower. Each test gets its own database with [`fresh_database`] or
//! [`Database::empty`]. A test that stops, restarts or suspends its server uses its own [`Cluster`].
//!
//! `cluster.sh` stops the server and removes its folder when the process that started it ends, even after `kill -9`. If
//! Postgres is not installed, tests fail with instructions. They are never skipped.
#![warn(missing_docs)]
#![expect(clippy::expect_used, reason = "a test without its database fails by a panic")]

mod address;
mod cluster;
mod database;
mod shared;
mod template;

pub use cluster::{Cluster, StopMode};
pub use database::{Database, fresh_database};
