//! `switchboard simulate …`: calls and messages as Twilio sends them, to a server that runs; and Twilio itself.

mod answer;
mod circumstances;
mod line;
mod message;
mod party;
mod report;
mod server;
mod twilio;
mod voice;

use std::net::SocketAddr;

use clap::{Args, Subcommand};

use super::input::{account_sid, parse, parse_given, token};
use super::open::Installation;
use super::output::Format;
use crate::failure::Failure;
use crate::settings::Settings;

use line::Line;
pub(super) use party::Party;
pub(crate) use server::reachable;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Send a call, and follow it to its end as Twilio does
    Voice(voice::Voice),
    /// Send a message
    Message(message::Message),
    /// Be Twilio: its REST API, calls and messages, on this machine and without an account there
    Twilio(twilio::Twilio),
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

impl Shared {
    fn line(&self, settings: &Settings) -> Result<Line, Failure> {
        let token =
            self.token_file.as_deref().map(|path| token("--token-file", path)).transpose()?;
        Ok(Line {
            to: parse("--to", &self.to, Party::parse)?,
            from: parse("--from", &self.from, Party::parse)?,
            account: parse_given("--account", self.account.as_deref(), account_sid)?,
            token: token.map(|token| token.secret().clone()),
            server: server::server(self.url.as_deref(), settings.listen)?,
        })
    }
}

pub(super) async fn run(settings: Settings, command: Command) -> Result<(), Failure> {
    match command {
        Command::Voice(voice) => voice::run(settings, voice).await,
        Command::Message(message) => message::run(settings, message).await,
        Command::Twilio(twilio) => twilio::run(twilio).await,
    }
}

/// Sends a call and a message to the server that listens at `address`, and tells what became of each.
pub(crate) async fn demonstrate(
    installation: &Installation,
    address: SocketAddr,
    from: &str,
    to: &str,
) -> Result<[String; 2], Failure> {
    let line = Line {
        to: parse("--to", to, Party::parse)?,
        from: parse("--from", from, Party::parse)?,
        account: None,
        token: None,
        server: server::server(None, address)?,
    };
    let call = voice::Plan::fast().play(&line, installation).await?.report;
    let message = message::play(&line, None, "Do you have one in red?", installation).await?;
    Ok([call.to_string(), message.to_string()])
}
