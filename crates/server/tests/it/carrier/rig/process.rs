//! The program while it runs.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use super::within;

/// Anything that the program is to do takes less, even unoptimised and on a machine with much else to do.
const PROMISE: Duration = Duration::from_secs(60);

/// The program, about to run in a folder and with no settings but these.
pub(crate) fn program<N: AsRef<OsStr>, V: AsRef<OsStr>>(
    folder: &Path,
    settings: impl IntoIterator<Item = (N, V)>,
    arguments: &[&str],
) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_switchboard"));
    command.args(arguments).env_clear().envs(settings).current_dir(folder).stdin(Stdio::null());
    command
}

/// A program that runs until it is ended, or this is dropped.
pub(crate) struct Process {
    child: Child,
    out: Lines,
    log: Lines,
}

type Lines = Arc<Mutex<Vec<String>>>;

impl Process {
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let out = gather(child.stdout.take().unwrap());
        let log = gather(child.stderr.take().unwrap());
        Self { child, out, log }
    }

    /// Lines of standard output so far.
    pub(crate) fn out(&self) -> Vec<String> {
        self.out.lock().unwrap().clone()
    }

    /// Lines of standard error so far.
    pub(crate) fn log(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }

    /// Waits until a line of its output or its log tells something.
    pub(crate) async fn told<T>(&mut self, what: &str, read: impl Fn(&str) -> Option<T>) -> T {
        within(PROMISE, what, async || {
            let (out, log) = (self.out(), self.log());
            let found = out.iter().chain(&log).find_map(|line| read(line));
            let ended = self.child.try_wait().unwrap();
            assert!(found.is_some() || ended.is_none(), "{what}: ended: {out:#?} {log:#?}");
            found
        })
        .await
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, name: &str) {
        // The shell's own `kill`: the program of that name is not installed everywhere.
        let process = self.child.id().to_string();
        let arguments = ["-c", "kill -\"$1\" \"$2\"", "kill", name, &process];
        assert!(Command::new("sh").args(arguments).status().unwrap().success());
    }

    /// Waits for its end.
    pub(crate) async fn ended(&mut self) -> ExitStatus {
        within(PROMISE, "it ends", async || self.child.try_wait().unwrap()).await
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may be gone already.
        let _killed = self.child.kill();
        let _status = self.child.wait();
        if !thread::panicking() {
            let log = self.log();
            assert!(!log.iter().any(|line| line.contains("panicked")), "{log:#?}");
        }
    }
}

fn gather(from: impl Read + Send + 'static) -> Lines {
    let lines = Lines::default();
    let kept = Arc::clone(&lines);
    thread::spawn(move || {
        for line in BufReader::new(from).split(b'\n') {
            let Ok(line) = line else { break };
            kept.lock().unwrap().push(String::from_utf8_lossy(&line).into_owned());
        }
    });
    lines
}
