//! Documents are read whole or refused with every mistake at its place, and the worked plans of docs/routing.md do what
//! the page says.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod canonical;
mod drawn;
mod hostile;
mod lists;
mod problems;
mod schema;
mod worked;

use std::path::PathBuf;

/// A file in the folder of documents.
fn docs(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name)
}
