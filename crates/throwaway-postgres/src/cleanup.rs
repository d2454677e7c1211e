//! The shell processes that clean up after the tests.

use std::env;
use std::ffi::OsString;
use std::fs::File;
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

const SCRIPT: &str = include_str!("cleanup.sh");

/// Whether `flock(1)` is available, with which a shell waits for locks of other processes. Linux has it, macOS does
/// not.
pub(crate) fn can_wait_for_locks() -> bool {
    env::split_paths(&path()).any(|folder| folder.join("flock").is_file())
}

/// Stops the server of this folder, if it runs, and removes its data.
pub(crate) fn wipe(folder: &Path) {
    let status = script("wipe", folder).stdin(Stdio::null()).status();
    assert!(
        status.expect("`sh` runs").success(),
        "cannot remove the content of {}",
        folder.display()
    );
}

/// Starts a process that cleans up when the last lease on this folder has ended. The process takes over the lock on
/// `lock`.
pub(crate) fn start_for_leases(folder: &Path, lock: File) {
    let status = script("lease", folder).stdin(Stdio::from(lock)).status();
    assert!(
        status.expect("`sh` runs").success(),
        "cannot start the cleanup process for {}",
        folder.display()
    );
}

/// The cleanup process of a cluster owned by one process. It cleans up when this value is dropped or the process ends.
pub(crate) struct CleanupProcess {
    shell: Child,
    pipe: Option<ChildStdin>,
}

impl CleanupProcess {
    pub(crate) fn start(folder: &Path) -> Self {
        let spawned = script("pipe", folder).stdin(Stdio::piped()).spawn();
        let mut shell = spawned.expect("`sh` runs");
        let pipe = shell.stdin.take();
        Self { shell, pipe }
    }

    /// A file descriptor that delays the cleanup while any process has it open.
    pub(crate) fn keep_alive(&self) -> OwnedFd {
        let pipe = self.pipe.as_ref().expect("the pipe is open until drop");
        let copy = pipe.as_fd().try_clone_to_owned();
        copy.expect("a file descriptor is available")
    }
}

impl Drop for CleanupProcess {
    fn drop(&mut self) {
        self.pipe = None;
        let _ended = self.shell.wait();
    }
}

fn script(mode: &str, folder: &Path) -> Command {
    let mut command = Command::new("sh");
    command
        .args(["-c", SCRIPT, "throwaway-postgres", mode])
        .arg(folder)
        .env_clear()
        .env("PATH", path())
        .current_dir("/")
        // A test runner may kill the process group of the test.
        .process_group(0)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

fn path() -> OsString {
    env::var_os("PATH").unwrap_or_else(|| "/usr/bin:/bin".into())
}
