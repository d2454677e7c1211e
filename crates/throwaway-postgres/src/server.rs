//! One Postgres server in a folder.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::Write as _;
use std::os::fd::OwnedFd;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::PathBuf;
use std::process::Stdio;

use crate::account::Account;
use crate::address::Address;
use crate::binaries::Binaries;
use crate::processes::{children, signal};

/// Nothing here outlives the machine, so nothing is flushed to a disk. Shared memory is kept in the folder, where it
/// is removed with it.
const SETTINGS: &str = "
listen_addresses = ''
max_connections = 300
fsync = off
full_page_writes = off
autovacuum = off
jit = off
wal_level = minimal
max_wal_senders = 0
dynamic_shared_memory_type = mmap
";

/// What a server that is stopped at once may lose.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Commits {
    /// Nothing that it has confirmed: tests of crashes rely on that.
    Kept,
    /// The last ones, which is faster and of no interest where the server is never stopped.
    Forgotten,
}

/// How to stop a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopMode {
    /// Ends all sessions and saves everything, as on an ordered restart.
    Fast,
    /// Ends without saving anything, as after a crash: the next start recovers.
    Immediate,
}

pub(crate) struct Server {
    binaries: Binaries,
    account: Account,
    /// Holds data, log and socket, and belongs to the server's account.
    run: PathBuf,
}

/// Each program that works on the folder is given a `hold` as its standard input: for as long as it runs, and even
/// if the test process is killed, the guardian does not remove the folder under it.
impl Server {
    pub(crate) fn in_folder(folder: &std::path::Path) -> Self {
        Self {
            binaries: Binaries::find(),
            account: Account::of_the_server(),
            run: folder.join("run"),
        }
    }

    pub(crate) fn address(&self) -> Address {
        Address::of_socket_in(&self.run)
    }

    pub(crate) fn create(&self, commits: Commits, hold: OwnedFd) {
        let made = DirBuilder::new().mode(0o700).create(&self.run);
        made.expect("the folder is ours and has no server yet");
        self.account.take_over(&self.run);
        let options = "-U postgres -A trust -E UTF8 --locale=C --no-sync -D";
        self.run("initdb", options, &[], hold);
        let settings = OpenOptions::new().append(true).open(self.data().join("postgresql.conf"));
        let commits = match commits {
            Commits::Kept => "on",
            Commits::Forgotten => "off",
        };
        write!(
            settings.expect("initdb has written its settings"),
            "{SETTINGS}synchronous_commit = {commits}\nunix_socket_directories = '{}'\n",
            self.run.display()
        )
        .expect("there is space for the settings");
    }

    pub(crate) fn start(&self, hold: OwnedFd) {
        let log = self.run.join("log");
        let log = log.to_str().expect("the folder was named by us");
        self.run("pg_ctl", "start -w -t 120 -D", &["-l", log], hold);
    }

    pub(crate) fn stop(&self, mode: StopMode, hold: OwnedFd) {
        self.resume();
        let options = match mode {
            StopMode::Fast => "stop -w -t 120 -m fast -D",
            StopMode::Immediate => "stop -w -t 120 -m immediate -D",
        };
        self.run("pg_ctl", options, &[], hold);
    }

    /// Freezes the server: it accepts connections (the kernel does) and never answers.
    pub(crate) fn pause(&self) {
        let main = self.main_process().expect("only a running server is paused");
        // The main process first, so that it starts no others meanwhile.
        signal("STOP", &[main]);
        signal("STOP", &children(main));
    }

    pub(crate) fn resume(&self) {
        if let Some(main) = self.main_process() {
            let mut all = children(main);
            all.push(main);
            signal("CONT", &all);
        }
    }

    fn main_process(&self) -> Option<u32> {
        let file = fs::read_to_string(self.data().join("postmaster.pid")).ok()?;
        file.lines().next()?.parse().ok()
    }

    fn data(&self) -> PathBuf {
        self.run.join("data")
    }

    /// Runs one of the server's programs; the data folder follows the options.
    fn run(&self, program: &str, options: &str, rest: &[&str], hold: OwnedFd) {
        let mut command = self.account.command(&self.binaries.program(program));
        command.args(options.split(' ')).arg(self.data()).args(rest).stdin(Stdio::from(hold));
        let output = command.output().expect("Postgres' programs run");
        assert!(
            output.status.success(),
            "{program} failed ({}):\n{}{}{}",
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
            fs::read_to_string(self.run.join("log")).unwrap_or_default()
        );
    }
}
