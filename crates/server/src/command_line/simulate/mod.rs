//! `switchboard simulate …`: sends calls and messages to a running server as Twilio does, and runs an offline Twilio.

mod answer;
mod circumstances;
mod line;
mod message;
mod report;
mod server;
mod twilio;
mod voice;

use std::net::SocketAddr;

use clap::{Args, Subcommand};
use switchboard_admin::party::Party;

use super::input::{account, parse, token};
use super::output::Format;
use crate::failure::Failure;
use crate::installation::Installation;
use crate::settings::Settings;

use line::Line;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Send a call, and follow it to its end as Twilio does
    Voice(voice::Voice),
    /// Send a message
    Message(message::Message),
    /// Run an offline Twilio on this machine: its REST API, calls and messages
    Twilio(twilio::Twilio),
}

#[derive(Debug, Args)]
struct Shared {
    /// The number that is called or texted
    #[arg(long, value_name = "NUMBER")]
    to: String,
    /// The caller or sender
    #[arg(long, value_name = "NUMBER")]
    from: String,
    /// The URL of the server; by default the address of `SWITCHBOARD_LISTEN`
    #[arg(long)]
    url: Option<String>,
    /// The account whose token signs the requests; by default the owner of the number
    #[arg(long, value_name = "ACCOUNT")]
    account: Option<String>,
    /// File with the auth token that signs the requests; by default the account's stored token
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
            account: self.account.as_deref().map(|text| account("--account", text)).transpose()?,
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

/// Sends a call and a message to the server at `address`, and returns a report of each.
pub(super) async fn demonstrate(
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
    let call = voice::Script::fast().play(&line, installation).await?.report;
    let message = message::play(&line, None, "Do you have one in red?", installation).await?;
    Ok([call.to_string(), message.to_string()])
}
