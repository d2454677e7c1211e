//! A database of its own, and a server on it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_postgres::NoTls;
use url::Url;

pub(crate) const ACCOUNT: &str = "AC00000000000000000000000000000a01";
pub(crate) const TOKEN: &str = "5f0c9c1b7a6e4d3281706f5e4d3c2b1a";
pub(crate) const PUBLIC_URL: &str = "https://voice.example.com";
const KEYS: &str = "bench:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
/// Nothing listens on this port.
pub(crate) const DOWN: &str = "http://127.0.0.1:9/messages";

/// Where databases are created.
#[derive(Clone, Debug)]
pub(crate) enum Backend {
    Sqlite,
    /// A server, by the URL of one of its databases.
    Postgres(Url),
}

impl Backend {
    pub(crate) fn of(text: &str) -> Self {
        if text == "sqlite" { Self::Sqlite } else { Self::Postgres(Url::parse(text).unwrap()) }
    }
}

/// A migrated database with one account.
pub(crate) struct Installation {
    binary: PathBuf,
    folder: TempDir,
    pub(crate) database: String,
    pub(crate) port: u16,
}

/// A running server. It is killed when this is dropped.
pub(crate) struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Installation {
    pub(crate) async fn new(binary: &Path, backend: &Backend, port: u16) -> Self {
        let folder = TempDir::new().unwrap();
        let database = match backend {
            Backend::Sqlite => {
                format!("sqlite://{}", folder.path().join("switchboard.db").display())
            }
            Backend::Postgres(server) => {
                created(server, &format!("switchboard_bench_{port}")).await
            }
        };
        let made = Self { binary: binary.to_owned(), folder, database, port };
        made.run(&["migrate"]);
        let token = made.folder.path().join("token");
        std::fs::write(&token, TOKEN).unwrap();
        let token = token.to_str().unwrap();
        made.run(&["account", "add", ACCOUNT, "--name", "Main", "--token-file", token]);
        made
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command
            .args(arguments)
            .env_clear()
            .current_dir(self.folder.path())
            .env("DATABASE_URL", &self.database)
            .env("SWITCHBOARD_ENCRYPTION_KEYS", KEYS)
            .env("SWITCHBOARD_LISTEN", format!("127.0.0.1:{}", self.port))
            .env("SWITCHBOARD_ADMIN_LISTEN", "off")
            .env("SWITCHBOARD_PUBLIC_URL", PUBLIC_URL)
            .env("SWITCHBOARD_TARGET_NETWORKS", "127.0.0.0/8")
            .env("TWILIO_API_URL", "http://127.0.0.1:9")
            .env("RUST_LOG", "error")
            .stdin(Stdio::null());
        command
    }

    /// Runs a command, and returns what it prints.
    pub(crate) fn run(&self, arguments: &[&str]) -> String {
        let done = self.command(arguments).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert!(done.status.success(), "{arguments:?}: {}", text(&done.stderr));
        text(&done.stdout)
    }

    /// Adds an agent with these options. Returns its id.
    pub(crate) fn add_agent(&self, name: &str, options: &[&str]) -> String {
        let add = ["agent", "add", "--name", name, "--external-id", name, "--json"];
        let printed = self.run(&[&add[..], options].concat());
        let printed: Value = serde_json::from_str(&printed).unwrap();
        printed["id"].as_str().unwrap().to_owned()
    }

    /// Adds numbers and assigns each to the agent with this external id.
    pub(crate) fn add_numbers<'a>(&self, numbers: impl Iterator<Item = (String, &'a str)>) {
        let mut rows = "phone_number,account_sid,agent_external_id\n".to_owned();
        for (number, agent) in numbers {
            writeln!(rows, "{number},{ACCOUNT},{agent}").unwrap();
        }
        let file = self.folder.path().join("numbers.csv");
        std::fs::write(&file, rows).unwrap();
        self.run(&["import", "csv", "--numbers", file.to_str().unwrap()]);
    }

    /// Starts the server, and waits until it listens.
    pub(crate) async fn serve(&self) -> Server {
        let server = Server(self.command(&["serve"]).spawn().unwrap());
        while TcpStream::connect(("127.0.0.1", self.port)).await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        server
    }
}

/// A new database on the server. Returns its URL.
async fn created(server: &Url, name: &str) -> String {
    let (client, connection) = tokio_postgres::connect(server.as_str(), NoTls).await.unwrap();
    tokio::spawn(connection);
    client.execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"), &[]).await.unwrap();
    client.execute(&format!("CREATE DATABASE {name}"), &[]).await.unwrap();
    let mut url = server.clone();
    url.set_path(name);
    url.to_string()
}
