//! `simulate twilio`: serves an offline Twilio.

use std::fmt::Write as _;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use clap::Args;
use switchboard_domain::sid::AccountSid;
use switchboard_twilio_simulator::{Seed, Simulator, serve};

use crate::ambient::SystemClock;
use crate::command_line::input::parse;
use crate::demo::offline_twilio;
use crate::failure::{Doing as _, Failure};
use crate::serve::Signals;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    switchboard simulate twilio\n  \
    switchboard simulate twilio --listen 127.0.0.1:0 --seed seed.json\n  \
    curl --json '{\"from\": \"+14155550199\", \"to\": \"+14155550100\"}' http://127.0.0.1:8090/simulator/calls\n\n\
    Content of a seed file: {\"accounts\": [{\"name\": \"Main\", \"sid\": \"AC…\", \"auth_token\": \"…\", \"numbers\": [{\"phone_number\": \"+14155550100\"}]}]}\n\
    `GET /simulator` shows the accounts and their settings. docs/operations.md lists the other requests, for example for \
    faults and latency.")]
pub(in crate::command_line) struct Twilio {
    /// The address to listen on; anyone who can reach this address can change all data of the offline Twilio
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8090")]
    listen: String,
    /// File with the accounts and numbers of the offline Twilio, as JSON; by default those of `serve --demo`
    #[arg(long, value_name = "FILE.json")]
    seed: Option<String>,
}

/// Serves until a signal comes.
pub(super) async fn run(twilio: Twilio) -> Result<(), Failure> {
    let address: SocketAddr = parse("--listen", &twilio.listen, |text| {
        text.parse().map_err(|_not_an_address: std::net::AddrParseError| {
            "is not an IP address with a port; use for example 127.0.0.1:8090"
        })
    })?;
    let seed = match &twilio.seed {
        Some(path) => read(path)?,
        None => offline_twilio(),
    };
    let sheet = Sheet::of(&seed, twilio.seed.as_deref());
    let twilio = Simulator::seeded(seed, Arc::new(SystemClock)).map_err(|error| {
        let cause = switchboard_domain::causes::Causes(&error);
        Failure::local(format!("--seed cannot be used: {cause}"))
    })?;
    let listener = TcpListener::bind(address).map_err(|error| {
        Failure::local(format!("cannot listen on {address}: {error}; choose another --listen"))
    })?;
    if !address.ip().is_loopback() {
        let warning = format!(
            "warning: anyone who can reach {address} can use and change this offline Twilio\n"
        );
        // If standard error is closed, there is nowhere to report that.
        let _written = std::io::Write::write_all(&mut std::io::stderr(), warning.as_bytes());
    }
    let twilio = Arc::new(twilio);
    let mut signals = Signals::take().doing("installing signal handlers")?;
    let running = serve(Arc::clone(&twilio), listener).doing("starting the offline Twilio")?;
    print(&sheet.text(&running.base(), &twilio)).map_err(Failure::Output)?;
    signals.next().await;
    running.stop().await.doing("stopping the offline Twilio")
}

fn read(path: &str) -> Result<Seed, Failure> {
    let bytes = std::fs::read(path)
        .map_err(|error| Failure::local(format!("--seed {path} cannot be read: {error}")))?;
    serde_json::from_slice(&bytes)
        .map_err(|error| Failure::local(format!("--seed {path} is not a seed: {error}")))
}

fn print(text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", switchboard_domain::printable::lines(text))?;
    out.flush()
}

/// What is printed about the seeded accounts, in their order.
struct Sheet(Vec<SheetAccount>);

struct SheetAccount {
    name: String,
    parent: Option<String>,
    /// Whether the token is generated or part of the demo, and so has to be printed.
    shows_token: bool,
    numbers: Vec<String>,
}

impl Sheet {
    /// The tokens that the file of the seed does not contain are shown.
    fn of(seed: &Seed, file: Option<&str>) -> Self {
        let accounts = seed.accounts.iter().map(|account| SheetAccount {
            name: account.name.clone(),
            parent: account.parent.clone(),
            shows_token: file.is_none() || account.auth_token.is_none(),
            numbers: account.numbers.iter().map(|number| number.phone_number.clone()).collect(),
        });
        Self(accounts.collect())
    }

    fn text(&self, base: &str, twilio: &Simulator) -> String {
        let mut lines = vec![
            format!("The offline Twilio is at {base}. To let switchboard use it:"),
            String::new(),
            format!("  export TWILIO_API_URL={base}"),
        ];
        // The newest account comes first there.
        let sids = twilio.accounts().into_iter().rev();
        for (account, sid) in self.0.iter().zip(sids) {
            lines.push(String::new());
            lines.push(account.line(sid, twilio));
            lines.extend(account.numbers.iter().map(|number| format!("  {number}")));
        }
        lines.join("\n")
    }
}

impl SheetAccount {
    fn line(&self, sid: AccountSid, twilio: &Simulator) -> String {
        let mut line = format!("{sid}  {}", self.name);
        if let Some(parent) = &self.parent {
            // Writing to a text cannot fail.
            let _written = write!(line, ", subaccount of {parent}");
        }
        if let Some(tokens) = twilio.tokens(sid).filter(|_| self.shows_token) {
            let _written = write!(line, ", auth token {}", tokens.primary.expose());
        }
        line
    }
}
