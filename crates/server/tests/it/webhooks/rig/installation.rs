//! A folder, a store and settings: all that the program needs to run.

use std::collections::BTreeMap;
use std::io::{Read as _, Seek as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

use super::seed;
use super::server::{Server, signal};
use super::store::Store;

/// What Twilio calls in these tests; it is not where the server listens, as behind any proxy.
pub(crate) const PUBLIC_URL: &str = "https://desk.example.com";
/// 32 bytes in base64.
pub(crate) const ENCRYPTION_KEY: &str = "c3dpdGNoYm9hcmQtdGVzdHMtZW5jcnlwdGlvbi1rMSE=";

/// No command takes longer, not even the import of a hundred thousand numbers by this unoptimised program.
const ENDED: Duration = Duration::from_secs(60);

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Where the program runs, with which store and which settings.
pub(crate) struct Installation {
    pub(crate) store: Store,
    folder: TempDir,
    settings: BTreeMap<String, String>,
}

impl Installation {
    /// An empty database, and settings for it.
    pub(crate) fn over(store: Store) -> Self {
        let settings = [
            ("DATABASE_URL", store.url().as_str()),
            ("SWITCHBOARD_ENCRYPTION_KEYS", &format!("k1:{ENCRYPTION_KEY}")),
            ("SWITCHBOARD_LISTEN", "127.0.0.1:0"),
            ("SWITCHBOARD_LOG", "json"),
            ("SWITCHBOARD_PUBLIC_URL", PUBLIC_URL),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self { store, folder: tempfile::tempdir().unwrap(), settings: settings.into() }
    }

    /// A database with the accounts, agents and numbers of the seed.
    pub(crate) fn seeded(store: Store) -> Self {
        let installation = Self::over(store);
        installation.succeed(&["migrate"]);
        seed::write(installation.folder());
        installation.import();
        installation.succeed(&["agent", "set", "holiday", "--disable"]);
        installation
    }

    /// Brings in the files `accounts.csv`, `agents.csv` and `numbers.csv` of the folder.
    pub(crate) fn import(&self) -> String {
        self.succeed(&[
            "import",
            "csv",
            "--accounts",
            "accounts.csv",
            "--agents",
            "agents.csv",
            "--numbers",
            "numbers.csv",
        ])
    }

    /// The working directory of the program.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Changes a setting, for what is started from now on.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.settings.insert(name.to_owned(), value.to_owned());
    }

    /// Takes a setting away.
    pub(crate) fn unset(&mut self, name: &str) {
        self.settings.remove(name);
    }

    /// The program with these arguments and these settings only.
    pub(super) fn program(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_switchboard"));
        command.args(arguments).env_clear().envs(&self.settings).current_dir(self.folder());
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        let [stdout, stderr] = [(); 2].map(|()| tempfile::tempfile().unwrap());
        let mut program = self.program(arguments);
        program
            .stdin(Stdio::null())
            .stdout(stdout.try_clone().unwrap())
            .stderr(stderr.try_clone().unwrap());
        let mut child = program.spawn().unwrap();
        let process = child.id();
        let (tell, told) = mpsc::channel();
        thread::spawn(move || tell.send(child.wait()));
        let status = told.recv_timeout(ENDED);
        if status.is_err() {
            signal("KILL", process);
        }
        let [stdout, stderr] = [stdout, stderr].map(|mut file| {
            let mut text = String::new();
            file.rewind().unwrap();
            file.read_to_string(&mut text).unwrap();
            text
        });
        let Ok(status) = status else { panic!("{arguments:?} does not end:\n{stdout}{stderr}") };
        Ran { code: status.unwrap().code(), stdout, stderr }
    }

    /// Runs a command that has to succeed, and yields what it prints.
    pub(crate) fn succeed(&self, arguments: &[&str]) -> String {
        let ran = self.run(arguments);
        assert_eq!(ran.code, Some(0), "{arguments:?}: {}", ran.stderr);
        ran.stdout
    }

    /// Starts the server, and returns when it listens.
    pub(crate) async fn serve(&self) -> Server {
        Server::start(self.program(&["serve"])).await
    }

    /// The seed, served.
    pub(crate) async fn served(store: Store) -> (Self, Server) {
        let installation = Self::seeded(store);
        let server = installation.serve().await;
        (installation, server)
    }
}
