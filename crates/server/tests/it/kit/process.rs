//! A process of the program while it runs.

use std::io::{BufRead as _, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use super::{DONE, within};

/// A process. It is killed when this is dropped, and must not have panicked until then.
pub(crate) struct Process {
    child: Child,
    out: Lines,
    log: Lines,
}

type Lines = Arc<Mutex<Vec<String>>>;

impl Process {
    pub(crate) fn start(mut command: Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let out = collect(child.stdout.take().unwrap());
        let log = collect(child.stderr.take().unwrap());
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

    /// Waits for a line of either output from which `read` returns a value. Panics if the process ends first.
    pub(crate) async fn line<T>(&mut self, what: &str, read: impl Fn(&str) -> Option<T>) -> T {
        within(DONE, what, async || {
            let ended = self.child.try_wait().unwrap();
            let (out, log) = (self.out(), self.log());
            let found = out.iter().chain(&log).find_map(|line| read(line));
            assert!(found.is_some() || ended.is_none(), "{what}: ended: {out:#?} {log:#?}");
            found
        })
        .await
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Kills it as a crash would, and waits for its end.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits for its end.
    pub(crate) async fn ended(&mut self, limit: Duration) -> ExitStatus {
        within(limit, "the process ends", async || self.child.try_wait().unwrap()).await
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _killed = self.child.kill();
        let _status = self.child.wait();
        if !thread::panicking() {
            let log = self.log();
            let panics: Vec<_> = log.iter().filter(|line| line.contains("panicked")).collect();
            assert!(panics.is_empty(), "the process panicked: {panics:#?}");
        }
    }
}

/// Reads until the end on a thread of its own: a pipe that is not read would block the process.
fn collect(from: impl Read + Send + 'static) -> Lines {
    let lines = Lines::default();
    let read = Arc::clone(&lines);
    thread::spawn(move || {
        for line in BufReader::new(from).split(b'\n') {
            let Ok(line) = line else { break };
            read.lock().unwrap().push(String::from_utf8_lossy(&line).into_owned());
        }
    });
    lines
}
