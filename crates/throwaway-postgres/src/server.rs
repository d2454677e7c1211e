//! One Postgres server in a folder.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::Write as _;
use std::os::fd::OwnedFd;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::PathBuf;
use std::process::Stdio;

use rustix::process::{Pid, Signal};

use crate::account::Account;
use crate::address::Address;
use crate::binaries::Binaries;
use crate::processes::{children, signal};

/// Nothing is flushed to disk, because no data must survive a crash of the machine. Shared memory is in the folder, so
/// that removing the folder removes it too.
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

/// The setting `synchronous_commit`.
#[derive(Clone, Copy, Debug)]
pub(crate) enum SynchronousCommit {
    /// Confirmed transactions survive an immediate stop, which crash tests require.
    On,
    /// The last transactions may be lost by an immediate stop. Faster, for servers that are never stopped.
    Off,
}

/// The shutdown mode of `pg_ctl stop`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopMode {
    /// Terminates all sessions and writes a checkpoint, as on a regular restart.
    Fast,
    /// Ends without a checkpoint, as in a crash: the next start recovers.
    Immediate,
}

pub(crate) struct Server {
    binaries: Binaries,
    account: Account,
    /// The folder with data, log and socket, owned by the server's account.
    run: PathBuf,
}

/// Each program that uses the folder gets `keep_alive` as its standard input: while it runs, even if the test process is
/// killed, the cleanup process does not remove the folder.
impl Server {
    pub(crate) fn in_folder(folder: &std::path::Path) -> Self {
        Self { binaries: Binaries::find(), account: Account::for_server(), run: folder.join("run") }
    }

    pub(crate) fn address(&self) -> Address {
        Address::from_socket_folder(&self.run)
    }

    pub(crate) fn create(&self, synchronous_commit: SynchronousCommit, keep_alive: OwnedFd) {
        let made = DirBuilder::new().mode(0o700).create(&self.run);
        made.expect("the new folder has no server");
        self.account.give(&self.run);
        let options = "-U postgres -A trust -E UTF8 --locale=C --no-sync -D";
        self.run("initdb", options, &[], keep_alive);
        let settings = OpenOptions::new().append(true).open(self.data().join("postgresql.conf"));
        let synchronous_commit = match synchronous_commit {
            SynchronousCommit::On => "on",
            SynchronousCommit::Off => "off",
        };
        write!(
            settings.expect("initdb creates postgresql.conf"),
            "{SETTINGS}synchronous_commit = {synchronous_commit}\nunix_socket_directories = '{}'\n",
            self.run.display()
        )
        .expect("postgresql.conf is writable");
    }

    pub(crate) fn start(&self, keep_alive: OwnedFd) {
        let log = self.run.join("log");
        let log = log.to_str().expect("the path is UTF-8");
        self.run("pg_ctl", "start -w -t 120 -D", &["-l", log], keep_alive);
    }

    pub(crate) fn stop(&self, mode: StopMode, keep_alive: OwnedFd) {
        self.resume();
        let options = match mode {
            StopMode::Fast => "stop -w -t 120 -m fast -D",
            StopMode::Immediate => "stop -w -t 120 -m immediate -D",
        };
        self.run("pg_ctl", options, &[], keep_alive);
    }

    /// Freezes the server: it accepts connections (the kernel does) and never answers.
    pub(crate) fn pause(&self) {
        let main = self.main_process().expect("the server is running");
        // The main process first, so that it starts no further processes.
        signal(Signal::STOP, &[main]);
        signal(Signal::STOP, &children(main));
    }

    pub(crate) fn resume(&self) {
        if let Some(main) = self.main_process() {
            let mut all = children(main);
            all.push(main);
            signal(Signal::CONT, &all);
        }
    }

    fn main_process(&self) -> Option<Pid> {
        let file = fs::read_to_string(self.data().join("postmaster.pid")).ok()?;
        Pid::from_raw(file.lines().next()?.parse().ok()?)
    }

    fn data(&self) -> PathBuf {
        self.run.join("data")
    }

    /// Runs one of the server's programs with these options, followed by the data folder and `rest`.
    fn run(&self, program: &str, options: &str, rest: &[&str], keep_alive: OwnedFd) {
        let mut command = self.account.command(&self.binaries.program(program));
        command.args(options.split(' ')).arg(self.data()).args(rest).stdin(Stdio::from(keep_alive));
        let output = command.output().expect("the program starts");
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
