//! `switchboard simulate …`: a call or a message as Twilio sends it, to a server that runs.

mod answer;
mod report;
mod request;
mod sending;

use std::net::SocketAddr;
use std::sync::Arc;

use clap::{Args, Subcommand};
use switchboard_application::manage::{ExplainRoute, ManageError, open_primary};
use switchboard_domain::address::Address;
use switchboard_domain::organization::Scope;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::secret::Secret;
use switchboard_domain::sid::{AccountSid, CallSid, MessageSid};
use switchboard_domain::signature::SigningKey;
use url::Url;

use super::input::{account_sid, parse, parse_given, token};
use super::open::Installation;
use super::output::Format;
use crate::failure::Failure;
use crate::settings::Settings;
pub(super) use sending::client;

use report::Report;
use request::{Event, Party, Request};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Send a call
    Voice(Voice),
    /// Send a message
    Message(Message),
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    switchboard simulate voice --to +14155550100 --from +14155550199\n  \
    switchboard simulate voice --to +14155550100 --from anonymous --json")]
pub(super) struct Voice {
    #[command(flatten)]
    shared: Shared,
    /// The call's SID; a new one if it is left out
    #[arg(long, value_name = "CA…")]
    call_sid: Option<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    switchboard simulate message --to +14155550100 --from +14155550199 --body 'Are you open?'\n  \
    switchboard simulate message --to whatsapp:+14155550100 --from whatsapp:+14155550199 --body Hello")]
pub(super) struct Message {
    #[command(flatten)]
    shared: Shared,
    /// What is written
    #[arg(long, default_value = "Hello")]
    body: String,
    /// The message's SID; a new one if it is left out
    #[arg(long = "message-sid", value_name = "SM…")]
    sid: Option<String>,
}

#[derive(Debug, Args)]
struct Shared {
    /// The number of ours that is called or written to
    #[arg(long, value_name = "NUMBER")]
    to: String,
    /// Who calls or writes
    #[arg(long, value_name = "NUMBER")]
    from: String,
    /// Where the server listens; found by `SWITCHBOARD_LISTEN` if it is left out
    #[arg(long)]
    url: Option<String>,
    /// The account that signs; the one that owns the number if it is left out
    #[arg(long, value_name = "AC…")]
    account: Option<String>,
    /// File with the token that signs; the account's own if it is left out
    #[arg(long, value_name = "FILE")]
    token_file: Option<String>,
    #[command(flatten)]
    format: Format,
}

pub(super) async fn run(settings: Settings, command: Command) -> Result<(), Failure> {
    match command {
        Command::Voice(voice) => {
            let sid = parse_given("--call-sid", voice.call_sid.as_deref(), CallSid::parse)?;
            simulate(settings, voice.shared, Event::Call(sid)).await
        }
        Command::Message(message) => {
            let sid = parse_given("--message-sid", message.sid.as_deref(), MessageSid::parse)?;
            simulate(settings, message.shared, Event::Message { sid, body: message.body }).await
        }
    }
}

async fn simulate(settings: Settings, arguments: Shared, event: Event) -> Result<(), Failure> {
    let token =
        arguments.token_file.as_deref().map(|path| token("--token-file", path)).transpose()?;
    let simulation = Simulation {
        event,
        to: parse("--to", &arguments.to, Party::parse)?,
        from: parse("--from", &arguments.from, Party::parse)?,
        account: parse_given("--account", arguments.account.as_deref(), account_sid)?,
        token: token.map(|token| token.secret().clone()),
        server: sending::server(arguments.url.as_deref(), settings.listen)?,
    };
    let report = simulation.play(&Installation::open(settings).await?).await?;
    arguments.format.print(&report, || report.to_string())?;
    if report.is_accepted() { Ok(()) } else { Err(Failure::Told) }
}

/// Sends a call and a message to the server that listens at `address`, and tells what became of each.
pub(crate) async fn demonstrate(
    installation: &Installation,
    address: SocketAddr,
    from: &str,
    to: &str,
) -> Result<[String; 2], Failure> {
    let simulation = |event| {
        Ok::<_, Failure>(Simulation {
            event,
            to: parse("--to", to, Party::parse)?,
            from: parse("--from", from, Party::parse)?,
            account: None,
            token: None,
            server: sending::server(None, address)?,
        })
    };
    let message = Event::Message { sid: None, body: "Do you have one in red?".to_owned() };
    let call = simulation(Event::Call(None))?.play(installation).await?;
    let message = simulation(message)?.play(installation).await?;
    Ok([call.to_string(), message.to_string()])
}

/// What is to be sent, by whom, and where.
struct Simulation {
    event: Event,
    to: Party,
    from: Party,
    /// Who signs; the account that owns the number if it is left out.
    account: Option<AccountSid>,
    /// What signs; the account's own token if it is left out.
    token: Option<Secret>,
    server: Url,
}

impl Simulation {
    async fn play(self, installation: &Installation) -> Result<Report, Failure> {
        let account = match self.account {
            Some(account) => account,
            None => owner(installation, &self.to.address).await?,
        };
        let token = match self.token {
            Some(token) => token,
            None => own_token(installation, account).await?,
        };
        let key = SigningKey::new(&token)
            .ok_or_else(|| Failure::refused("an empty token signs nothing"))?;
        let randomness = installation.ambient.randomness.as_ref();
        let request = Request::new(&self.event, account, &self.from, &self.to, randomness)?;
        let public_url = &installation.settings.public_urls.first;
        let signature = request.sign(&key, public_url);
        let answer = sending::send(&self.server, &request, &signature).await?;
        let explaining = ExplainRoute {
            routes: Arc::clone(&installation.stores.routes),
            voice_server: installation.settings.voice_server.clone(),
        };
        let explanation = request.explain(&explaining).await?;
        Ok(Report::new(&request, public_url, &self.server, answer, &explanation))
    }
}

/// The account that owns a number.
async fn owner(installation: &Installation, to: &Address) -> Result<AccountSid, Failure> {
    let unknown = || {
        Failure::refused(
            "--to is no number that is known here; name the account that signs with --account",
        )
    };
    let number: PhoneNumber = to.phone_number().ok_or_else(unknown)?;
    let found = installation.stores.numbers.find(&Scope::Operator, number).await?;
    Ok(found.ok_or_else(unknown)?.account)
}

/// The token of an account, as it is kept.
async fn own_token(installation: &Installation, sid: AccountSid) -> Result<Secret, Failure> {
    let found = installation.stores.accounts.find(&Scope::Operator, sid).await?;
    let account = found.ok_or(ManageError::AccountUnknown { sid })?;
    let sealer = installation.sealer().await?;
    Ok(open_primary(&sealer.keyring, &account)?)
}
