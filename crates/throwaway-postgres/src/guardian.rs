//! The processes that clean up after the tests.

use std::env;
use std::ffi::OsString;
use std::fs::File;
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

const SCRIPT: &str = include_str!("guardian.sh");

/// Whether `flock(1)` is here, with which a shell waits for other processes' locks. It is on every Linux, but not on
/// macOS.
pub(crate) fn can_watch_leases() -> bool {
    env::split_paths(&path()).any(|folder| folder.join("flock").is_file())
}

/// Ends the server of this folder, if it runs, and removes its data.
pub(crate) fn wipe(folder: &Path) {
    let status = script("wipe", folder).stdin(Stdio::null()).status();
    assert!(status.expect("`sh` runs").success(), "cannot remove what is in {}", folder.display());
}

/// Starts a guardian that cleans up when the last lease on this folder has ended. The lock on `guard` becomes its own.
pub(crate) fn watch_leases(folder: &Path, guard: File) {
    let status = script("lease", folder).stdin(Stdio::from(guard)).status();
    assert!(
        status.expect("`sh` runs").success(),
        "cannot start a guardian for {}",
        folder.display()
    );
}

/// A guardian of one process's own cluster, which cleans up when this value, or the process, has ended.
pub(crate) struct WatchDog {
    shell: Child,
    pipe: Option<ChildStdin>,
}

impl WatchDog {
    pub(crate) fn over(folder: &Path) -> Self {
        let spawned = script("pipe", folder).stdin(Stdio::piped()).spawn();
        let mut shell = spawned.expect("`sh` runs");
        let pipe = shell.stdin.take();
        Self { shell, pipe }
    }

    /// While a process has this, the guardian waits.
    pub(crate) fn hold(&self) -> OwnedFd {
        let pipe = self.pipe.as_ref().expect("only dropping closes the pipe");
        let copy = pipe.as_fd().try_clone_to_owned();
        copy.expect("a file descriptor is left for the pipe")
    }
}

impl Drop for WatchDog {
    fn drop(&mut self) {
        self.pipe = None;
        let _ended = self.shell.wait();
    }
}

fn script(way: &str, folder: &Path) -> Command {
    let mut command = Command::new("sh");
    command
        .args(["-c", SCRIPT, "throwaway-postgres", way])
        .arg(folder)
        .env_clear()
        .env("PATH", path())
        .current_dir("/")
        // Test runners kill the process group of a test that takes too long.
        .process_group(0)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

fn path() -> OsString {
    env::var_os("PATH").unwrap_or_else(|| "/usr/bin:/bin".into())
}
