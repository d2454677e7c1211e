//! An installation of the program, and the phone company that it asks.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use serde_json::Value;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::ports::Clock;
use switchboard_domain::time::Timestamp;
use switchboard_twilio_simulator::{
    IncomingPhoneNumber, NumberSettings, RecordedRequest, Running, Seed, Simulator, serve,
};
use tempfile::TempDir;

use super::ended::Ended;
use super::process::{Process, program};
use super::store::Store;

/// What the phone company is told to call.
pub(crate) const PUBLIC_URL: &str = "https://desk.example.com";

/// An installation of the program, and the phone company that it asks.
pub(crate) struct Desk {
    pub(crate) company: Arc<Simulator>,
    running: Running,
    folder: TempDir,
    settings: BTreeMap<String, String>,
    _store: Store,
}

/// It is always the same moment there, so that a number that was given back is the same as before in every field.
struct OneMoment;

impl Clock for OneMoment {
    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(1_790_000_000)
    }
}

impl Desk {
    /// A phone company with what is in the seed, and an installation that knows all of its accounts and numbers and
    /// the agents Sales and Support. No number is given to an agent.
    pub(crate) async fn over(store: Store, seed: Seed) -> Self {
        let (accounts, numbers) = tables(&seed);
        let company = Arc::new(Simulator::seeded(seed, Arc::new(OneMoment)).unwrap());
        let running =
            serve(Arc::clone(&company), TcpListener::bind("127.0.0.1:0").unwrap()).unwrap();
        let settings = [
            ("DATABASE_URL", store.url()),
            ("SWITCHBOARD_LISTEN", "127.0.0.1:0".to_owned()),
            ("SWITCHBOARD_LOG", "json".to_owned()),
            ("SWITCHBOARD_PUBLIC_URL", PUBLIC_URL.to_owned()),
            ("TWILIO_API_URL", running.base()),
        ];
        let settings = settings.map(|(name, value)| (name.to_owned(), value));
        let folder = tempfile::tempdir().unwrap();
        let desk = Self { company, running, folder, settings: settings.into(), _store: store };
        desk.run(&["migrate"]).await.with(0);
        desk.write("accounts.csv", &accounts);
        desk.write("agents.csv", "external_id,name,reply\nsales,Sales,Hello\nsupport,Support,Hi\n");
        desk.write("numbers.csv", &numbers);
        let files = ["--accounts", "accounts.csv", "--agents", "agents.csv", "--numbers"];
        desk.run(&[&["import", "csv"], &files[..], &["numbers.csv"]].concat()).await.with(0);
        desk
    }

    /// The working directory of the program.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder().join(name), text).unwrap();
    }

    /// Changes a setting, for what is started from now on.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.settings.insert(name.to_owned(), value.to_owned());
    }

    fn program(&self, arguments: &[&str]) -> Command {
        program(self.folder(), &self.settings, arguments)
    }

    /// Runs a command to its end.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Ended {
        let mut command = self.program(arguments);
        // The phone company answers meanwhile, in this very process.
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        output.into()
    }

    /// Starts a command.
    pub(crate) fn start(&self, arguments: &[&str]) -> Process {
        Process::start(self.program(arguments))
    }

    /// Starts the server, and tells where it listens.
    pub(crate) async fn serve(&self) -> (Process, String) {
        let mut server = self.start(&["serve"]);
        let address = server.told("the server listens", listening).await;
        (server, address)
    }

    /// Gives numbers to Sales for voice and sms, without a word to the phone company: as an import does.
    pub(crate) async fn give_all(&self, numbers: &[PhoneNumber]) {
        let mut text = "phone_number,account_sid,agent_external_id\n".to_owned();
        for number in numbers {
            let (account, _) = self.company.number(*number).unwrap();
            writeln!(text, "{},{account},sales", number.as_str()).unwrap();
        }
        self.write("given.csv", &text);
        self.run(&["import", "csv", "--numbers", "given.csv"]).await.with(0);
    }

    /// A number as the phone company has it, with every field.
    pub(crate) fn number(&self, number: PhoneNumber) -> IncomingPhoneNumber {
        self.company.number(number).unwrap().1
    }

    /// What is set of a number there.
    pub(crate) fn settings(&self, number: PhoneNumber) -> NumberSettings {
        self.number(number).settings
    }

    /// Changes what is set of a number there, by hand.
    pub(crate) fn by_hand(&self, number: PhoneNumber, change: impl FnOnce(&mut NumberSettings)) {
        assert!(self.company.change_number(number, |there| change(&mut there.settings)));
    }

    /// Everything that the phone company has.
    pub(crate) async fn everything(&self) -> Value {
        let _installed = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let answer = http.get(format!("{}/simulator", self.running.base())).send().await.unwrap();
        serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
    }

    /// What was written there since the last time, or the beginning.
    pub(crate) fn writes(&self) -> Vec<RecordedRequest> {
        let writes = self.company.writes();
        self.company.forget_requests();
        writes
    }

    /// Ends the phone company: the settings still name where it was.
    pub(crate) async fn end_company(&mut self) {
        let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
        let unheard = serve(Arc::clone(&self.company), elsewhere).unwrap();
        std::mem::replace(&mut self.running, unheard).stop().await.unwrap();
    }
}

/// Where a server listens, if the line of its log says so.
fn listening(line: &str) -> Option<String> {
    let line: Value = serde_json::from_str(line).ok()?;
    let is_it = line.get("message")? == "listening";
    Some(line.get("address").filter(|_| is_it)?.as_str()?.to_owned())
}

/// The files that an import reads: accounts, and numbers that nobody answers.
fn tables(seed: &Seed) -> (String, String) {
    let mut accounts = "sid,name,auth_token,parent_sid\n".to_owned();
    let mut numbers = "phone_number,account_sid,agent_external_id\n".to_owned();
    for account in &seed.accounts {
        let (sid, token) = (account.sid.as_ref().unwrap(), account.auth_token.as_ref().unwrap());
        let parent = account.parent.as_deref().unwrap_or_default();
        writeln!(accounts, "{sid},{},{},{parent}", account.name, token.expose()).unwrap();
        for number in &account.numbers {
            writeln!(numbers, "{},{sid},", number.phone_number).unwrap();
        }
    }
    (accounts, numbers)
}
