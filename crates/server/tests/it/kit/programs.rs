//! Programs in other languages, with the packages that `scripts/test` installs.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A setting that `scripts/test` makes. Without it, the test fails.
pub(crate) fn setting(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_unset| {
        panic!("{name} is not set; run the tests by scripts/test, which installs the packages and sets it")
    })
}

/// A path in the folder `examples`.
pub(crate) fn example(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(path)
}

/// The Python interpreter.
pub(crate) fn python() -> Command {
    Command::new(setting("SWITCHBOARD_SDK_PYTHON"))
}

/// Node.js.
pub(crate) fn node() -> Command {
    let mut command = Command::new("node");
    command.env("NODE_PATH", Path::new(&setting("SWITCHBOARD_SDK_NODE")).join("node_modules"));
    command
}
