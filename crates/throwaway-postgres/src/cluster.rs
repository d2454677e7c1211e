//! Servers for a single test.

use std::io::{BufRead as _, BufReader, Lines, Read as _, Write as _};
use std::os::unix::process::CommandExt as _;
use std::panic::resume_unwind;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex};

use crate::address::Address;

/// A Postgres server for one test, which can stop, restart and suspend it. Confirmed transactions survive even
/// [`StopMode::Immediate`].
///
/// Creating one takes half a second or more. Tests that only need a database use
/// [`fresh_database`](crate::fresh_database).
pub struct Cluster {
    address: Address,
    script: Arc<Mutex<Script>>,
}

/// The shutdown mode of `pg_ctl stop`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopMode {
    /// Terminates all sessions and writes a checkpoint, as on a regular restart.
    Fast,
    /// Ends without a checkpoint, as in a crash: the next start recovers.
    Immediate,
}

impl Cluster {
    /// Creates and starts a server.
    ///
    /// # Panics
    /// If Postgres is not installed or does not start.
    pub async fn private() -> Self {
        run_blocking(|| {
            let (script, folder) = Script::start(&[]);
            Self { address: Address(folder), script: Arc::new(Mutex::new(script)) }
        })
        .await
    }

    /// Creates and starts a server that flushes what it commits, and whose writes and flushes `strace` lists.
    ///
    /// # Panics
    /// If Postgres or `strace` is not installed, or does not start.
    pub async fn traced() -> Self {
        run_blocking(|| {
            let (script, folder) = Script::start(&[("PGTEST_TRACE", "on")]);
            Self { address: Address(folder), script: Arc::new(Mutex::new(script)) }
        })
        .await
    }

    /// The output of `strace` so far.
    ///
    /// # Panics
    /// If the server is not traced.
    pub fn trace(&self) -> String {
        let trace =
            std::fs::read(format!("{}/trace", self.address.0)).expect("the server is traced");
        String::from_utf8_lossy(&trace).into_owned()
    }

    /// The URL of a database of this server. It does not change when the server is restarted. The database `postgres`
    /// always exists and is empty.
    pub fn url(&self, database: &str) -> String {
        self.address.url(database)
    }

    /// Stops the server. If it is paused, it is resumed first.
    ///
    /// # Panics
    /// If the server is not running.
    pub async fn stop(&self, mode: StopMode) {
        self.ask(match mode {
            StopMode::Fast => "stop fast",
            StopMode::Immediate => "stop immediate",
        })
        .await;
    }

    /// Starts the server again and waits until it accepts connections.
    ///
    /// # Panics
    /// If it does not start.
    pub async fn start(&self) {
        self.ask("start").await;
    }

    /// Suspends all processes of the server: connections are still accepted, but the server does not respond.
    pub async fn pause(&self) {
        self.ask("pause").await;
    }

    /// Resumes a paused server.
    pub async fn resume(&self) {
        self.ask("resume").await;
    }

    pub(crate) const fn address(&self) -> &Address {
        &self.address
    }

    async fn ask(&self, command: &'static str) {
        let script = Arc::clone(&self.script);
        run_blocking(move || script.lock().expect("no command has panicked").ask(command)).await;
    }
}

/// `cluster.sh run`, which stops the server and removes its folder when its standard input is closed.
struct Script {
    shell: Child,
    commands: Option<ChildStdin>,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Script {
    /// Returns the script and the folder of the server's socket.
    fn start(settings: &[(&str, &str)]) -> (Self, String) {
        let mut shell = Command::new("sh")
            .args(["-c", include_str!("cluster.sh"), "throwaway-postgres", "run"])
            .envs(settings.iter().copied())
            .current_dir("/")
            // A test runner may kill the process group of the test.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("`sh` runs");
        let commands = shell.stdin.take();
        let mut output = BufReader::new(shell.stdout.take().expect("standard output is a pipe"));
        let mut folder = String::new();
        output.read_line(&mut folder).expect("the output of `sh` is UTF-8");
        if !folder.starts_with('/') {
            output.read_to_string(&mut folder).expect("the output of `sh` is UTF-8");
            panic!("{folder}");
        }
        (Self { shell, commands, answers: output.lines() }, folder.trim_end().to_owned())
    }

    fn ask(&mut self, command: &str) {
        let commands = self.commands.as_mut().expect("the pipe is open until drop");
        writeln!(commands, "{command}").expect("the script runs");
        let answer = self.answers.next().expect("the script runs");
        assert_eq!(answer.expect("the output of `sh` is UTF-8"), "done");
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        self.commands = None;
        let _ended = self.shell.wait();
    }
}

/// Runs blocking work outside the async runtime. A panic is propagated with its message.
async fn run_blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(value) => value,
        Err(failure) => resume_unwind(failure.into_panic()),
    }
}
