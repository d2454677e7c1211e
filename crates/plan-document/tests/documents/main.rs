//! Documents are read completely or refused with all problems, and the example plans of docs/routing.md decide as the
//! page says.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod canonical;
mod generated;
mod hostile;
mod lists;
mod problems;
mod schema;
mod worked;

use std::path::PathBuf;

/// A file of the documentation.
fn docs(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name)
}
