//! [`TestApp`]: the program, its working directory, its settings and its database.

use std::collections::BTreeMap;
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use super::{DONE, Finished, MAIN_SID, MAIN_TOKEN, Process, SALES, Server, Store, Twilio, seed};

/// The URL that Twilio calls in these tests. As behind a proxy, it is not the address that the server listens on.
pub(crate) const PUBLIC_URL: &str = "https://calls.example.com";
/// 32 bytes in base64.
pub(crate) const ENCRYPTION_KEY: &str = "c3dpdGNoYm9hcmQtdGVzdHMtZW5jcnlwdGlvbi1rMSE=";

/// The program with a folder, settings and a database of the test's own.
pub(crate) struct TestApp {
    pub(crate) store: Store,
    pub(super) twilio: Option<Twilio>,
    folder: TempDir,
    settings: BTreeMap<String, String>,
}

impl TestApp {
    /// No settings, hence the default database, which does not exist yet.
    pub(crate) fn without_settings() -> Self {
        let app = Self {
            store: Store::Unknown,
            twilio: None,
            folder: tempfile::tempdir().unwrap(),
            settings: BTreeMap::new(),
        };
        // Nothing listens there, and no test may reach Twilio.
        app.with("TWILIO_API_URL", "http://127.0.0.1:9")
            // The servers of agents are on this machine.
            .with("SWITCHBOARD_TARGET_NETWORKS", "127.0.0.0/8,::1")
            .with("SWITCHBOARD_ADMIN_LISTEN", "127.0.0.1:0")
    }

    /// A database URL that the test itself does not look into.
    pub(crate) fn at(database_url: &str) -> Self {
        Self::without_settings().with("DATABASE_URL", database_url)
    }

    /// A migrated database and no other setting.
    pub(crate) fn migrated(store: Store) -> Self {
        let app = Self { store, ..Self::without_settings() };
        let url = app.store.url();
        let app = app.with("DATABASE_URL", &url);
        app.run("migrate").succeeded();
        app
    }

    /// An empty database that is not migrated, and the settings of a server.
    pub(crate) fn over(store: Store) -> Self {
        let url = store.url();
        Self { store, ..Self::without_settings() }
            .with("DATABASE_URL", &url)
            .with("SWITCHBOARD_ENCRYPTION_KEYS", &format!("k1:{ENCRYPTION_KEY}"))
            .with("SWITCHBOARD_LISTEN", "127.0.0.1:0")
            .with("SWITCHBOARD_LOG", "json")
            .with("SWITCHBOARD_PUBLIC_URL", PUBLIC_URL)
    }

    /// A database with the accounts, agents and numbers of the seed.
    pub(crate) fn seeded(store: Store) -> Self {
        let app = Self::over(store);
        app.run("migrate").exits(0);
        seed::write(app.folder());
        app.import();
        app.run("agent set holiday --disable").exits(0);
        app
    }

    /// The seed and a running server.
    pub(crate) async fn served(store: Store) -> (Self, Server) {
        let app = Self::seeded(store);
        let server = app.serve().await;
        (app, server)
    }

    /// Imports `accounts.csv`, `agents.csv` and `numbers.csv` from the folder.
    pub(crate) fn import(&self) -> Finished {
        let accounts = ["import", "csv", "--accounts", "accounts.csv"];
        let others = ["--agents", "agents.csv", "--numbers", "numbers.csv"];
        self.run(&[accounts, others].concat()).exits(0)
    }

    /// Adds the main account by the command line.
    pub(crate) fn add_account(&self, sid: &str) {
        let add = ["account", "add", sid, "--name", "Main", "--token-file", "-", "--no-verify"];
        self.run_reading(MAIN_TOKEN, &add).succeeded();
    }

    /// Adds the main account, the agent Sales, and a number assigned to it, by the command line.
    pub(crate) fn add_sales(&self) {
        self.add_account(MAIN_SID);
        let agent = ["agent", "add", "--name", "Sales", "--external-id", "sales"];
        self.run(&[&agent[..], &["--reply", "We are open."]].concat()).succeeded();
        self.run(&format!("number add {SALES} --account {MAIN_SID}")).succeeded();
        self.run(&format!("number assign {SALES} --agent Sales")).succeeded();
    }

    /// The simulator, if the app was made with one.
    pub(crate) fn twilio(&self) -> &Twilio {
        self.twilio.as_ref().unwrap()
    }

    /// The working directory of the program.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A path in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    /// The file of the encryption keys that are made if none are set: beside an SQLite database.
    pub(crate) fn key_file(&self) -> PathBuf {
        match &self.store {
            Store::Sqlite(folder) => folder.path().join("encryption.keys"),
            _ => self.path("data/encryption.keys"),
        }
    }

    /// Writes a file into the folder.
    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    /// Changes a setting of every process started from now on.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.settings.insert(name.to_owned(), value.to_owned());
    }

    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        self.set(name, value);
        self
    }

    /// Removes a setting.
    pub(crate) fn unset(&mut self, name: &str) {
        self.settings.remove(name);
    }

    /// The program with these arguments and no environment but the settings.
    fn program(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_switchboard"));
        command.args(arguments).env_clear().envs(&self.settings).current_dir(self.folder());
        command
    }

    /// Runs a command to its end.
    #[track_caller]
    pub(crate) fn run<A: Arguments + ?Sized>(&self, arguments: &A) -> Finished {
        self.finish(self.program(&arguments.list()), "")
    }

    /// Runs a command with one more setting.
    #[track_caller]
    pub(crate) fn run_with(&self, name: &str, value: &str, arguments: &[&str]) -> Finished {
        let mut command = self.program(arguments);
        command.env(name, value);
        self.finish(command, "")
    }

    /// Runs a command that reads this text from standard input.
    #[track_caller]
    pub(crate) fn run_reading(&self, text: &str, arguments: &[&str]) -> Finished {
        self.finish(self.program(arguments), text)
    }

    /// Runs a line in a shell, as an operator pastes it.
    #[track_caller]
    pub(crate) fn paste(&self, line: &str) -> Finished {
        let mut shell = Command::new("sh");
        shell.args(["-c", line]).current_dir(self.folder()).env_clear();
        self.finish(shell, "")
    }

    /// Runs a command on a terminal, where a person types this.
    #[track_caller]
    pub(crate) fn run_on_terminal(&self, typed: &str, line: &str) -> Finished {
        let mut script = Command::new("script");
        let line = format!("{} {line}", env!("CARGO_BIN_EXE_switchboard"));
        script.args(["--quiet", "--return", "--command", &line, "/dev/null"]);
        script.env_clear().envs(&self.settings).current_dir(self.folder());
        self.finish(script, typed)
    }

    /// Runs a command on a terminal of this many columns.
    #[track_caller]
    pub(crate) fn run_on_terminal_of(&self, columns: usize, line: &str) -> Finished {
        let mut script = Command::new("script");
        let line =
            format!("stty rows 24 cols {columns}; {} {line}", env!("CARGO_BIN_EXE_switchboard"));
        script.args(["--quiet", "--return", "--command", &line, "/dev/null"]);
        script.env_clear().envs(&self.settings).env("PATH", "/usr/bin:/bin");
        script.current_dir(self.folder());
        self.finish(script, "")
    }

    /// Runs a command whose standard output nobody reads: every write fails.
    #[track_caller]
    pub(crate) fn run_into_closed_pipe(&self, line: &str) -> Finished {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = self.program(&line.list());
        let stderr = tempfile::NamedTempFile::new().unwrap();
        command.stdin(std::process::Stdio::null()).stdout(writer).stderr(stderr.reopen().unwrap());
        let status = tokio::task::block_in_place(|| command.status()).unwrap();
        let stderr = std::fs::read_to_string(stderr.path()).unwrap();
        Finished { code: status.code(), stdout: String::new(), stderr }
    }

    #[track_caller]
    fn finish(&self, mut command: Command, input: &str) -> Finished {
        // The simulator answers meanwhile, on other threads of the test.
        let finished = tokio::task::block_in_place(|| finish(&mut command, input)).checked();
        if let Some(twilio) = &self.twilio {
            twilio.tokens().iter().for_each(|token| finished.assert_hides(token));
        }
        finished
    }

    /// Starts a command that runs until it is stopped.
    pub(crate) fn start(&self, arguments: &[&str]) -> Process {
        Process::start(self.program(arguments))
    }

    /// Starts the server on a free port, and returns when it listens.
    pub(crate) async fn serve(&self) -> Server {
        let mut command = self.program(&["serve"]);
        for (name, value) in [("SWITCHBOARD_LISTEN", "127.0.0.1:0"), ("SWITCHBOARD_LOG", "json")] {
            if !self.settings.contains_key(name) {
                command.env(name, value);
            }
        }
        // A database on a server requires keys in the settings.
        let is_set =
            self.settings.keys().any(|name| name.starts_with("SWITCHBOARD_ENCRYPTION_KEYS"));
        if !is_set && !matches!(self.store, Store::Sqlite(_) | Store::Unknown) {
            if self.key_file().exists() {
                command.env("SWITCHBOARD_ENCRYPTION_KEYS_FILE", self.key_file());
            } else {
                command.env("SWITCHBOARD_ENCRYPTION_KEYS", format!("k1:{ENCRYPTION_KEY}"));
            }
        }
        Server::of(Process::start(command)).await
    }
}

/// The arguments of a command: a list, or a text that is split at white space.
pub(crate) trait Arguments {
    fn list(&self) -> Vec<&str>;
}

impl Arguments for str {
    fn list(&self) -> Vec<&str> {
        self.split_whitespace().collect()
    }
}

impl Arguments for String {
    fn list(&self) -> Vec<&str> {
        self.as_str().list()
    }
}

impl<A: Arguments + ?Sized> Arguments for &A {
    fn list(&self) -> Vec<&str> {
        (**self).list()
    }
}

impl Arguments for [&str] {
    fn list(&self) -> Vec<&str> {
        self.to_vec()
    }
}

impl<const N: usize> Arguments for [&str; N] {
    fn list(&self) -> Vec<&str> {
        self.to_vec()
    }
}

impl Arguments for Vec<&str> {
    fn list(&self) -> Vec<&str> {
        self.clone()
    }
}

/// Runs a command to its end. Files take what it prints, because a pipe that is not read fills up.
fn finish(command: &mut Command, input: &str) -> Finished {
    let [mut stdin, stdout, stderr] = [(); 3].map(|()| tempfile::tempfile().unwrap());
    stdin.write_all(input.as_bytes()).unwrap();
    stdin.rewind().unwrap();
    command.stdin(stdin).stdout(stdout.try_clone().unwrap()).stderr(stderr.try_clone().unwrap());
    let mut child = command.spawn().unwrap();
    let process = Pid::from_child(&child);
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || sender.send(child.wait()));
    let status = receiver.recv_timeout(DONE);
    if status.is_err() {
        kill_process(process, Signal::KILL).unwrap();
    }
    let [stdout, stderr] = [stdout, stderr].map(|mut file| {
        let mut text = String::new();
        file.rewind().unwrap();
        file.read_to_string(&mut text).unwrap();
        text
    });
    let Ok(status) = status else { panic!("{command:?} does not end:\n{stdout}{stderr}") };
    Finished { code: status.unwrap().code(), stdout, stderr }
}
