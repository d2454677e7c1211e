//! An installation of the program, and the phone company that it asks.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::sync::Arc;

use serde_json::Value;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::ports::Clock;
use switchboard_domain::sid::AccountSid;
use switchboard_domain::time::Timestamp;
use switchboard_twilio_simulator::{NumberSettings, Running, Seed, Simulator, serve};
use tempfile::TempDir;
use throwaway_postgres::Database;

use super::Server;

/// What the phone company is told to call.
pub(crate) const PUBLIC_URL: &str = "https://desk.example.com";
pub(crate) const MAIN: &str = "AC00000000000000000000000000000001";
pub(crate) const MAIN_TOKEN: &str = "5f0c9c1b7a6e4d3281706f5e4d3c2b1a";
pub(crate) const SUB: &str = "AC00000000000000000000000000000002";
pub(crate) const SUB_TOKEN: &str = "91b2c3d4e5f60718293a4b5c6d7e8f90";

const KEYS: &str = "k1:c3dpdGNoYm9hcmQtdGVzdHMtZW5jcnlwdGlvbi1rMSE=";

/// A database of one test.
pub(crate) enum Store {
    /// A file.
    Sqlite,
    /// A database of the shared cluster.
    Postgres(Database),
}

impl Store {
    pub(crate) const fn sqlite() -> Self {
        Self::Sqlite
    }

    pub(crate) async fn postgres() -> Self {
        Self::Postgres(Database::empty().await)
    }
}

pub(crate) fn sid(text: &str) -> AccountSid {
    AccountSid::parse(text).unwrap()
}

pub(crate) fn number(text: &str) -> PhoneNumber {
    PhoneNumber::parse(text).unwrap()
}

/// What the phone company starts with, as JSON of its own form.
pub(crate) fn seed(accounts: &Value) -> Seed {
    serde_json::from_value(serde_json::json!({ "accounts": accounts })).unwrap()
}

struct OneMoment;

impl Clock for OneMoment {
    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(1_790_000_000)
    }
}

/// An installation of the program, and the phone company that it asks.
pub(crate) struct Desk {
    pub(crate) company: Arc<Simulator>,
    pub(crate) folder: TempDir,
    settings: BTreeMap<&'static str, String>,
    _running: Running,
    _store: Store,
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Desk {
    /// A phone company with what is in the seed, and an installation that knows nothing of it yet.
    pub(crate) async fn over(store: Store, seed: Seed) -> Self {
        let company = Arc::new(Simulator::seeded(seed, Arc::new(OneMoment)).unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let running = serve(Arc::clone(&company), listener).unwrap();
        let database = match &store {
            Store::Sqlite => "sqlite://switchboard.db".to_owned(),
            Store::Postgres(database) => database.url.clone(),
        };
        let settings = [
            ("DATABASE_URL", database),
            ("SWITCHBOARD_ENCRYPTION_KEYS", KEYS.to_owned()),
            ("SWITCHBOARD_LISTEN", "127.0.0.1:0".to_owned()),
            ("SWITCHBOARD_LOG", "json".to_owned()),
            ("SWITCHBOARD_PUBLIC_URL", PUBLIC_URL.to_owned()),
            ("TWILIO_API_URL", running.base()),
            ("VOICE_SERVER_URL", "wss://voice.example.com/stream".to_owned()),
        ];
        let folder = tempfile::tempdir().unwrap();
        let desk =
            Self { company, folder, settings: settings.into(), _running: running, _store: store };
        desk.run(&["migrate"]).await.with(0);
        desk
    }

    /// The same, with the main account added.
    pub(crate) async fn with_main(store: Store, accounts: &Value) -> Self {
        let desk = Self::over(store, seed(accounts)).await;
        desk.write("token.txt", MAIN_TOKEN);
        desk.run(&["account", "add", MAIN, "--name", "Main", "--token-file", "token.txt"])
            .await
            .with(0);
        desk
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).unwrap();
    }

    /// Changes a setting, for what is started from now on.
    pub(crate) fn set(&mut self, name: &'static str, value: &str) {
        self.settings.insert(name, value.to_owned());
    }

    fn program(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_switchboard"));
        command.args(arguments).env_clear().envs(&self.settings).current_dir(self.folder.path());
        command.stdin(Stdio::null());
        command
    }

    /// Runs a command to its end. No command ever shows a token.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Ended {
        let mut command = self.program(arguments);
        // The phone company answers meanwhile, in this very process.
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        let ended = Ended {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        };
        let tokens = self.company.accounts().into_iter().filter_map(|sid| self.company.tokens(sid));
        let tokens = tokens.map(|tokens| tokens.primary.expose().to_owned());
        for token in tokens.chain([MAIN_TOKEN.to_owned(), SUB_TOKEN.to_owned()]) {
            let shown = ended.stdout.contains(&token) || ended.stderr.contains(&token);
            assert!(!shown, "{arguments:?} shows a token");
        }
        assert!(!ended.stderr.contains("panicked"), "{ended:?}");
        ended
    }

    /// Starts the server, and returns when it listens.
    pub(crate) async fn serve(&self) -> Server {
        Server::start(self.program(&["serve"]), Arc::clone(&self.company)).await
    }

    /// What is set of a number at the phone company.
    pub(crate) fn settings(&self, text: &str) -> NumberSettings {
        self.company.number(number(text)).unwrap().1.settings
    }
}

impl Ended {
    /// With this exit code.
    #[track_caller]
    pub(crate) fn with(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }

    /// It says all of this, for people.
    #[track_caller]
    pub(crate) fn tells(self, words: &[&str]) -> Self {
        for words in words {
            let told = self.stdout.contains(words) || self.stderr.contains(words);
            assert!(told, "{words:?} is not in {self:#?}");
        }
        self
    }

    /// Standard output as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        let parsed = serde_json::from_str(&self.stdout);
        parsed.unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }
}
