//! The architecture of the workspace: which crate and which module may use which, where advice to operators may be
//! written, and that the documents name what exists.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod advice;
mod cycles;
mod dependencies;
mod documents;
mod files;
mod source;
mod threats;
mod vocabulary;

use std::path::{Path, PathBuf};

/// The root of the workspace.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}
