//! A folder and a database of a test's own, and the program run in it.

use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;
use throwaway_postgres::Database;

/// Stamps every test on both stores. The house comes with a database that is migrated.
macro_rules! on_both_stores {
    ($($(#[$doc:meta])* fn $name:ident($house:ident: &House) $body:block)+) => {
        $(fn $name($house: &House) $body)+

        mod on_sqlite {
            $($(#[$doc])* #[test] fn $name() { super::$name(&$crate::cli::house::House::on_sqlite()) })+
        }

        mod on_postgres {
            $($(#[$doc])* #[tokio::test(flavor = "multi_thread")] async fn $name() {
                super::$name(&$crate::cli::house::House::on_postgres().await)
            })+
        }
    };
}
pub(crate) use on_both_stores;

pub(crate) const SID: &str = "AC0123456789abcdef0123456789abcdef";
pub(crate) const OTHER_SID: &str = "ACffffffffffffffffffffffffffffffff";
pub(crate) const TOKEN: &str = "5ec2e7f00d5ec2e7f00d5ec2e7f00d55";
pub(crate) const NUMBER: &str = "+14155550100";

const NEWER: &str = "29990101000000";

/// A folder and a database.
pub(crate) struct House {
    pub(crate) folder: TempDir,
    database_url: Option<String>,
    postgres: Option<Database>,
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl House {
    /// Without any setting: the default database, which nobody has made yet.
    pub(crate) fn empty() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), database_url: None, postgres: None }
    }

    /// With a database at this URL, which nobody has made yet.
    pub(crate) fn at(database_url: &str) -> Self {
        Self { database_url: Some(database_url.to_owned()), ..Self::empty() }
    }

    pub(crate) fn on_sqlite() -> Self {
        let house = Self::at("sqlite://store/switchboard.db");
        house.run(&["migrate"]).succeeded();
        house
    }

    pub(crate) async fn on_postgres() -> Self {
        let postgres = Database::empty().await;
        let url = postgres.url.clone();
        let house = Self { postgres: Some(postgres), ..Self::at(&url) };
        house.run(&["migrate"]).succeeded();
        house
    }

    /// The program, about to run in this house and with no settings but the database's.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_switchboard"));
        command.args(arguments).current_dir(self.folder.path()).env_clear().stdin(Stdio::null());
        // Nobody listens there, and no test may reach Twilio.
        command.env("TWILIO_API_URL", "http://127.0.0.1:9");
        if let Some(url) = &self.database_url {
            command.env("DATABASE_URL", url);
        }
        command
    }

    /// Runs the program to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        Ended::of(self.command(arguments).output().unwrap())
    }

    /// Runs the program with one setting more.
    pub(crate) fn run_with(&self, name: &str, value: &str, arguments: &[&str]) -> Ended {
        Ended::of(self.command(arguments).env(name, value).output().unwrap())
    }

    /// Runs the program with a text on its standard input.
    pub(crate) fn run_reading(&self, text: &str, arguments: &[&str]) -> Ended {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child: Child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        Ended::of(child.wait_with_output().unwrap())
    }

    /// Makes the database one that a newer program has migrated.
    pub(crate) fn pretend_newer(&self) {
        let newest = Self::newest_migration();
        match (&self.postgres, &self.database_url) {
            (Some(database), _) => {
                let sql = format!(
                    "UPDATE __diesel_schema_migrations SET version = '{NEWER}' WHERE version = '{newest}'"
                );
                let runtime = tokio::runtime::Handle::current();
                tokio::task::block_in_place(|| runtime.block_on(run_sql(&database.url, &sql)));
            }
            (None, Some(url)) => {
                // The version stands in the file as text of the same length, in the table and in its index.
                let path = self.path(url.trim_start_matches("sqlite://"));
                let mut bytes = std::fs::read(&path).unwrap();
                let places: Vec<usize> = (0..bytes.len() - NEWER.len())
                    .filter(|place| bytes[*place..].starts_with(newest.as_bytes()))
                    .collect();
                for place in places {
                    bytes[place..place + NEWER.len()].copy_from_slice(NEWER.as_bytes());
                }
                std::fs::write(path, bytes).unwrap();
            }
            (None, None) => panic!("the house has no database"),
        }
    }

    /// The version of the newest migration that the program has.
    fn newest_migration() -> String {
        let other = Self::at("sqlite://other.db");
        let told = other.run(&["migrate"]).succeeded().stdout;
        told.trim().rsplit([' ', ',']).next().unwrap().to_owned()
    }

    /// Writes a file into the folder.
    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).unwrap();
    }

    /// A path in the folder.
    pub(crate) fn path(&self, name: &str) -> std::path::PathBuf {
        Path::new(self.folder.path()).join(name)
    }

    /// The account, the agent and the number that most tests speak of, the number assigned.
    pub(crate) fn furnish(&self) {
        self.add_account(SID);
        self.run(&[
            "agent",
            "add",
            "--name",
            "Sales",
            "--external-id",
            "sales",
            "--reply",
            "We are open.",
        ])
        .succeeded();
        self.run(&["number", "add", NUMBER, "--account", SID]).succeeded();
        self.run(&["number", "assign", NUMBER, "--agent", "Sales"]).succeeded();
    }

    pub(crate) fn add_account(&self, sid: &str) {
        self.run_reading(TOKEN, &["account", "add", sid, "--name", "Main", "--token-file", "-"])
            .succeeded();
    }
}

impl Ended {
    fn of(output: Output) -> Self {
        let ended = Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        };
        // Whatever a test is about, no command ever shows a token.
        assert!(!ended.stdout.contains(TOKEN) && !ended.stderr.contains(TOKEN), "{ended:?}");
        ended
    }

    #[track_caller]
    pub(crate) fn succeeded(self) -> Self {
        assert_eq!(self.code, 0, "{self:?}");
        assert_eq!(self.stderr, "", "{self:?}");
        self
    }

    /// It was refused or failed, and said so in these words on standard error and nothing on standard output.
    #[track_caller]
    pub(crate) fn failed(self, words: &str) -> Self {
        self.ended(1, words)
    }

    /// It was not asked for in a way that can be meant.
    #[track_caller]
    pub(crate) fn misused(self, words: &str) -> Self {
        self.ended(2, words)
    }

    #[track_caller]
    fn ended(self, code: i32, words: &str) -> Self {
        assert_eq!(self.code, code, "{self:?}");
        assert_eq!(self.stdout, "", "{self:?}");
        assert!(self.stderr.contains(words), "{self:?}");
        assert!(!self.stderr.contains("panicked"), "{self:?}");
        // Numbers are told by their last two digits only; the one of the advice is nobody's.
        let told = self.stderr.replace("for example +14155550100", "");
        assert!(!told.contains("41555501"), "{self:?}");
        self
    }

    /// Standard output as JSON.
    #[track_caller]
    pub(crate) fn json(self) -> serde_json::Value {
        serde_json::from_str(&self.succeeded().stdout).unwrap()
    }
}

async fn run_sql(url: &str, sql: &str) {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    client.batch_execute(sql).await.unwrap();
    connection.abort();
}
