//! A simulator for the client libraries, and how they are run.
#![expect(clippy::unwrap_used, reason = "a fixture fails by panicking")]

use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use serde_json::Value;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::secret::Secret;
use switchboard_domain::sid::AccountSid;
use switchboard_domain::time::Timestamp;
use switchboard_twilio_simulator::{
    AccountSeed, IncomingPhoneNumber, NumberSeed, Running, Seed, SenderSeed, ServiceSeed,
    Simulator, serve,
};

pub(crate) const ACCOUNT: &str = "AC00000000000000000000000000000001";
const TOKEN: &str = "0123456789abcdef0123456789abcdef";
const NUMBER: &str = "+14150000000";

pub(crate) struct Fixture {
    pub(crate) simulator: Arc<Simulator>,
    running: Running,
}

impl Fixture {
    /// An account with 120 numbers, of which the first is configured, a service and a sender.
    pub(crate) fn new() -> Self {
        let mut account = AccountSeed {
            sid: Some(ACCOUNT.to_owned()),
            name: "Main".to_owned(),
            auth_token: Some(Secret::new(TOKEN.to_owned())),
            ..AccountSeed::default()
        };
        account.numbers =
            (0..120).map(|index| NumberSeed::new(format!("+1415{index:07}"))).collect();
        "https://old.example/voice".clone_into(&mut account.numbers[0].settings.voice_url);
        "https://old.example/status".clone_into(&mut account.numbers[0].settings.status_callback);
        let mut sender =
            SenderSeed { sender_id: format!("whatsapp:{NUMBER}"), ..SenderSeed::default() };
        sender.webhook.callback_url = Some("https://old.example/whatsapp".to_owned());
        account.senders.push(sender);
        account.services.push(ServiceSeed {
            friendly_name: "All".to_owned(),
            phone_numbers: vec![NUMBER.to_owned()],
            ..ServiceSeed::default()
        });
        let seed = Seed { accounts: vec![account], ..Seed::default() };
        let simulator = Arc::new(
            Simulator::seeded(seed, Arc::new(Timestamp::from_seconds(1_438_286_400))).unwrap(),
        );
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let running = serve(Arc::clone(&simulator), listener).unwrap();
        Self { simulator, running }
    }

    pub(crate) fn account(&self) -> AccountSid {
        self.simulator.accounts()[0]
    }

    /// The primary auth token.
    pub(crate) fn token(&self) -> String {
        self.simulator.tokens(self.account()).unwrap().primary.expose().to_owned()
    }

    pub(crate) fn number(&self) -> IncomingPhoneNumber {
        self.simulator.number(PhoneNumber::parse(NUMBER).unwrap()).unwrap().1
    }
}

/// Runs a program of Twilio's library for Python. It prints what it saw as JSON.
pub(crate) fn python(program: &str, fixture: &Fixture) -> Value {
    let mut command = Command::new(setting("SWITCHBOARD_SDK_PYTHON"));
    command.args(["-c", program]);
    run(command, fixture)
}

/// Runs a program of Twilio's library for Node.js. It prints what it saw as JSON.
pub(crate) fn node(program: &str, fixture: &Fixture) -> Value {
    let library = Path::new(&setting("SWITCHBOARD_SDK_NODE")).join("node_modules/twilio");
    let mut command = Command::new("node");
    command.args(["-e", program]).arg(library);
    run(command, fixture)
}

fn run(mut command: Command, fixture: &Fixture) -> Value {
    let base = fixture.running.base();
    command.args([&base, ACCOUNT, TOKEN, fixture.number().sid.as_str()]);
    // The simulator is local, so proxy settings must not apply.
    command.env("NO_PROXY", "127.0.0.1").env("no_proxy", "127.0.0.1");
    let output = command.output();
    let output = output.unwrap_or_else(|error| panic!("Twilio's library does not run: {error}"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The path of one of the libraries.
fn setting(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_unset| panic!("{name} is not set; run the tests by scripts/test, which installs Twilio's libraries and sets it"))
}
