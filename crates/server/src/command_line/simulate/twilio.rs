//! `simulate twilio`: the offline phone company, served.

use std::fmt::Write as _;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use clap::Args;
use switchboard_domain::sid::AccountSid;
use switchboard_twilio_simulator::{Seed, Simulator, serve};

use crate::ambient::SystemClock;
use crate::command_line::input::parse;
use crate::failure::Failure;
use crate::serve::{Signals, demonstration};

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    switchboard simulate twilio\n  \
    switchboard simulate twilio --listen 127.0.0.1:0 --seed company.json\n  \
    curl -d '{\"from\": \"+14155550199\", \"to\": \"+14155550100\"}' http://127.0.0.1:8090/simulator/calls\n\n\
    A seed: {\"accounts\": [{\"name\": \"Main\", \"sid\": \"AC…\", \"auth_token\": \"…\", \"numbers\": [{\"phone_number\": \"+14155550100\"}]}]}\n\
    `GET /simulator` shows everything; orders, faults and latency: the documentation of switchboard-twilio-simulator.")]
pub(in crate::command_line) struct Twilio {
    /// Where it listens. Anybody who reaches it can change everything in it
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8090")]
    listen: String,
    /// What it starts with, as JSON; the accounts and numbers of the demonstration if it is left out
    #[arg(long, value_name = "FILE.json")]
    seed: Option<String>,
}

/// Serves until a signal comes.
pub(super) async fn run(twilio: Twilio) -> Result<(), Failure> {
    let address: SocketAddr = parse("--listen", &twilio.listen, |text| {
        text.parse().map_err(|_not_an_address: std::net::AddrParseError| {
            "is not an IP address with a port; write for example 127.0.0.1:8090"
        })
    })?;
    let seed = match &twilio.seed {
        Some(path) => read(path)?,
        None => demonstration(),
    };
    let sheet = Sheet::of(&seed, twilio.seed.is_none());
    let company = Simulator::seeded(seed, Arc::new(SystemClock)).map_err(|error| {
        let cause = switchboard_domain::causes::Causes(&error);
        Failure::refused(format!("--seed makes no phone company: {cause}"))
    })?;
    let listener = TcpListener::bind(address).map_err(|error| {
        Failure::refused(format!("cannot listen on {address}: {error}; choose another --listen"))
    })?;
    let company = Arc::new(company);
    let mut signals = Signals::take()?;
    let running = serve(Arc::clone(&company), listener)?;
    print(&sheet.told(&running.base(), &company))?;
    signals.next().await;
    running.stop().await?;
    Ok(())
}

fn read(path: &str) -> Result<Seed, Failure> {
    let bytes = std::fs::read(path)
        .map_err(|error| Failure::refused(format!("--seed {path} cannot be read: {error}")))?;
    serde_json::from_slice(&bytes)
        .map_err(|error| Failure::refused(format!("--seed {path} is no seed: {error}")))
}

fn print(text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}")?;
    out.flush()
}

/// What is told of the accounts that it starts with, in their order.
struct Sheet(Vec<SheetAccount>);

struct SheetAccount {
    name: String,
    parent: Option<String>,
    /// Whether the token is made up, here or by the demonstration: then nobody can know it who is not told.
    is_token_told: bool,
    numbers: Vec<String>,
}

impl Sheet {
    fn of(seed: &Seed, is_made_up: bool) -> Self {
        let accounts = seed.accounts.iter().map(|account| SheetAccount {
            name: account.name.clone(),
            parent: account.parent.clone(),
            is_token_told: is_made_up || account.auth_token.is_none(),
            numbers: account.numbers.iter().map(|number| number.phone_number.clone()).collect(),
        });
        Self(accounts.collect())
    }

    fn told(&self, base: &str, company: &Simulator) -> String {
        let mut lines = vec![
            format!(
                "Twilio, as far as this machine is concerned, is at {base}. Let switchboard ask it there:"
            ),
            String::new(),
            format!("  export TWILIO_API_URL={base}"),
        ];
        // The newest account comes first there.
        let sids = company.accounts().into_iter().rev();
        for (account, sid) in self.0.iter().zip(sids) {
            lines.push(String::new());
            lines.push(account.line(sid, company));
            lines.extend(account.numbers.iter().map(|number| format!("  {number}")));
        }
        lines.join("\n")
    }
}

impl SheetAccount {
    fn line(&self, sid: AccountSid, company: &Simulator) -> String {
        let mut line = format!("{sid}  {}", self.name);
        if let Some(parent) = &self.parent {
            // Writing to a text cannot fail.
            let _written = write!(line, ", subaccount of {parent}");
        }
        if let Some(tokens) = company.tokens(sid).filter(|_| self.is_token_told) {
            let _written = write!(line, ", auth token {}", tokens.primary.expose());
        }
        line
    }
}
