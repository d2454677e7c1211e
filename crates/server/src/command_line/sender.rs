//! `switchboard sender …`: numbers are one kind of sender, so the others are managed in the same way.

use clap::{Args, Subcommand};
use switchboard_domain::sender::Sender;

use super::input::parse;
use super::number::{self, AssignOptions, Listed, RemoveOptions, UnassignOptions};
use super::output::Format;
use super::remote::Client;
use crate::failure::Failure;
use crate::settings::Settings;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Add a WhatsApp, RCS or Messenger sender or a short code of an account
    Add(Add),
    /// List the senders that are no phone numbers, and the agents and routing plans that answer them
    #[command(
        visible_alias = "ls",
        after_help = "Examples:\n  switchboard sender list --agent Sales\n  \
            switchboard sender list --account AC0123456789abcdef0123456789abcdef --json"
    )]
    List(number::List),
    /// Show a sender, and who answers it
    Show(Named),
    /// Assign a sender to an agent, and configure it at Twilio
    Assign(Assign),
    /// Unassign a sender from its agent, and restore its previous configuration at Twilio if no routing plan applies to it
    Unassign(Unassign),
    /// Remove a sender, even if it is assigned
    #[command(visible_alias = "rm")]
    Remove(Remove),
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  switchboard sender add rcs:acme_agent --account AC0123456789abcdef0123456789abcdef\n  \
    switchboard sender add whatsapp:+14155550100 --account Main\n  \
    switchboard sender add messenger:1234567890 --account Main\n  \
    switchboard sender add 12345 --account Main"
)]
pub(super) struct Add {
    /// The sender as Twilio writes it: whatsapp:+1…, rcs:…, messenger:… or a short code
    sender: String,
    /// The account that owns the sender
    #[arg(long, value_name = "ACCOUNT")]
    account: String,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  switchboard sender show rcs:acme_agent")]
pub(super) struct Named {
    /// The sender
    sender: String,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  switchboard sender assign rcs:acme_agent --agent Sales\n  \
    switchboard sender assign 12345 --agent Sales --dry-run")]
pub(super) struct Assign {
    /// The sender
    sender: String,
    /// The channels that the agent answers; by default the only one that the sender has
    #[arg(long)]
    channels: Option<String>,
    #[command(flatten)]
    options: AssignOptions,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  switchboard sender unassign rcs:acme_agent --dry-run\n  \
    switchboard sender unassign rcs:acme_agent --force --yes")]
pub(super) struct Unassign {
    /// The sender
    sender: String,
    #[command(flatten)]
    options: UnassignOptions,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  switchboard sender remove rcs:acme_agent --dry-run\n  \
    switchboard sender remove rcs:acme_agent --force --yes")]
pub(super) struct Remove {
    /// The sender
    sender: String,
    #[command(flatten)]
    options: RemoveOptions,
}

pub(super) async fn run(settings: Settings, command: Command) -> Result<(), Failure> {
    match command {
        Command::Add(Add { sender, account, format }) => {
            number::add(settings, parsed(&sender)?, &account, format).await
        }
        Command::List(options) => number::list(settings, Listed::Senders, options).await,
        Command::Show(Named { sender, format }) => {
            number::show(settings, parsed(&sender)?, format).await
        }
        Command::Assign(Assign { sender, channels, options }) => {
            number::assign(settings, parsed(&sender)?, channels, options).await
        }
        Command::Unassign(Unassign { sender, options }) => {
            number::unassign(settings, parsed(&sender)?, options).await
        }
        Command::Remove(Remove { sender, options }) => {
            number::remove(settings, parsed(&sender)?, options).await
        }
    }
}

/// The same through the API of a running server.
pub(super) async fn run_remotely(client: &Client, command: Command) -> Result<(), Failure> {
    match command {
        Command::List(options) => number::remote::list(client, Listed::Senders, options).await,
        Command::Show(Named { sender, format }) => {
            number::remote::show(client, parsed(&sender)?, format).await
        }
        Command::Add(Add { sender, account, format }) => {
            number::remote::add(client, parsed(&sender)?, &account, format).await
        }
        Command::Assign(Assign { sender, channels, options }) => {
            number::remote::assign(client, parsed(&sender)?, channels, options).await
        }
        Command::Unassign(Unassign { sender, options }) => {
            number::remote::unassign(client, parsed(&sender)?, options).await
        }
        Command::Remove(Remove { sender, options }) => {
            number::remote::remove(client, parsed(&sender)?, options).await
        }
    }
}

fn parsed(text: &str) -> Result<Sender, Failure> {
    parse("the sender", text, Sender::parse_typed)
}
