//! [`Twilio`]: the simulator that the program calls instead of Twilio, and the apps that are made with it.

use std::fmt::Write as _;
use std::net::TcpListener;
use std::sync::Arc;

use serde_json::{Value, json};
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::ports::Clock;
use switchboard_domain::time::Timestamp;
use switchboard_twilio_simulator::{
    IncomingPhoneNumber, NumberSettings, RecordedRequest, Running, Seed, Simulator, serve,
};

use super::{MAIN, MAIN_SID, MAIN_TOKEN, Store, TestApp, Webhook, http, sid};

/// The time of the machine.
struct Now;

impl Clock for Now {
    fn now(&self) -> Timestamp {
        let since = std::time::UNIX_EPOCH.elapsed().unwrap();
        Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap())
    }
}

/// Twilio, simulated in the process of the test.
pub(crate) struct Twilio {
    pub(crate) simulator: Arc<Simulator>,
    running: Running,
}

pub(crate) fn phone_number(text: &str) -> PhoneNumber {
    PhoneNumber::parse(text).unwrap()
}

impl Twilio {
    fn seeded(seed: Seed, clock: Arc<dyn Clock>) -> Self {
        let simulator = Arc::new(Simulator::seeded(seed, clock).unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let running = serve(Arc::clone(&simulator), listener).unwrap();
        Self { simulator, running }
    }

    /// The primary tokens of all accounts.
    pub(super) fn tokens(&self) -> Vec<String> {
        let accounts = self.simulator.accounts().into_iter();
        let tokens = accounts.filter_map(|sid| self.simulator.tokens(sid));
        tokens.map(|tokens| tokens.primary.expose().to_owned()).collect()
    }

    /// A number with every field.
    pub(crate) fn number(&self, number: PhoneNumber) -> IncomingPhoneNumber {
        self.simulator.number(number).unwrap().1
    }

    /// The webhook settings of a number.
    pub(crate) fn settings(&self, number: PhoneNumber) -> NumberSettings {
        self.number(number).settings
    }

    /// Changes the settings of a number as an operator does by hand.
    pub(crate) fn change(&self, number: PhoneNumber, change: impl FnOnce(&mut NumberSettings)) {
        assert!(self.simulator.change_number(number, |there| change(&mut there.settings)));
    }

    /// The URL of its REST API.
    pub(crate) fn base(&self) -> String {
        self.running.base()
    }

    /// Everything that it has, as JSON.
    pub(crate) async fn everything(&self) -> Value {
        let url = format!("{}/simulator", self.running.base());
        let answer = http().get(url).send().await.unwrap();
        serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
    }

    /// The writes since the last call of this method, or since the beginning.
    pub(crate) fn take_writes(&self) -> Vec<RecordedRequest> {
        let writes = self.simulator.writes();
        self.simulator.forget_requests();
        writes
    }
}

/// A call of a number as Twilio sends it: to the URL that the number has there now, signed with the token that its
/// account has now.
pub(crate) fn incoming_call(simulator: &Simulator, to: &str, call: u128) -> Webhook {
    let (account, number) = simulator.number(phone_number(to)).unwrap();
    let token = simulator.tokens(account).unwrap().primary;
    let url = number.settings.voice_url;
    let path = url.match_indices('/').nth(2).unwrap().0;
    Webhook::call(MAIN, to, &sid("CA", call))
        .with("AccountSid", account.as_str())
        .signed_for(&url[..path])
        .at(&url[path..])
        .signed_with(token.expose())
}

impl TestApp {
    /// A simulator with this seed, and an app that knows nothing of it yet.
    pub(crate) fn with_twilio(store: Store, seed: Seed) -> Self {
        // Time stands still, so that a number that is restored equals what it was in every field.
        Self::with_twilio_at(store, seed, Arc::new(Timestamp::from_seconds(1_790_000_000)))
    }

    fn with_twilio_at(store: Store, seed: Seed, clock: Arc<dyn Clock>) -> Self {
        let twilio = Twilio::seeded(seed, clock);
        let url = twilio.running.base();
        let mut app = Self::over(store).with("TWILIO_API_URL", &url);
        app.twilio = Some(twilio);
        app.run("migrate").exits(0);
        app
    }

    /// A simulator with this seed, and an app that knows all of its accounts and numbers and the agents Sales and
    /// Support. No number is assigned to an agent.
    pub(crate) fn with_fleet(store: Store, seed: Seed) -> Self {
        let tables = tables(&seed);
        Self::with_twilio(store, seed).filled(tables)
    }

    /// As `with_fleet`, with a simulator whose time is the machine's.
    pub(crate) fn with_fleet_now(store: Store, seed: Seed) -> Self {
        let tables = tables(&seed);
        Self::with_twilio_at(store, seed, Arc::new(Now)).filled(tables)
    }

    fn filled(self, (accounts, numbers): (String, String)) -> Self {
        let app = self;
        app.write("accounts.csv", &accounts);
        app.write("agents.csv", "external_id,name,reply\nsales,Sales,Hello\nsupport,Support,Hi\n");
        app.write("numbers.csv", &numbers);
        app.import();
        app
    }

    /// A simulator with these accounts, and an app that knows the main account only and has a voice server.
    pub(crate) fn with_main_account(store: Store, accounts: &Value) -> Self {
        let app = Self::adopting(store, accounts);
        app.write("token.txt", MAIN_TOKEN);
        let add = ["account", "add", MAIN_SID, "--name", "Main", "--token-file", "token.txt"];
        // Not every test has the account at Twilio.
        app.run(&[&add[..], &["--no-verify"]].concat()).exits(0);
        app
    }

    /// A simulator with these accounts, and an app that knows nothing of it yet and has a voice server.
    pub(crate) fn adopting(store: Store, accounts: &Value) -> Self {
        let seed = serde_json::from_value(json!({ "accounts": accounts })).unwrap();
        Self::with_twilio(store, seed).with("VOICE_SERVER_URL", "wss://voice.example.com/stream")
    }

    /// Assigns numbers to Sales for voice and sms without changing them at Twilio, as an import does.
    pub(crate) fn assign_by_import(&self, numbers: &[PhoneNumber]) {
        let mut text = "phone_number,account_sid,agent_external_id\n".to_owned();
        for number in numbers {
            let (account, _) = self.twilio().simulator.number(*number).unwrap();
            writeln!(text, "{},{account},sales", number.as_str()).unwrap();
        }
        self.write("given.csv", &text);
        self.run("import csv --numbers given.csv").exits(0);
    }

    /// Stops the simulator. The settings still name its old address.
    pub(crate) async fn stop_twilio(&mut self) {
        self.twilio.take().unwrap().running.stop().await.unwrap();
    }
}

/// The files that an import reads: accounts, and numbers without agents.
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
