//! `switchboard route list …`

use clap::{Args, Subcommand};

use super::catalogue::{self, Action, Kind, run as carry_out};
use crate::command_line::confirmation::Confirmation;
use crate::command_line::output::Format;
use crate::command_line::remote::Client;
use crate::failure::Failure;
use crate::settings::Settings;

#[derive(Debug, Subcommand)]
pub(in crate::command_line) enum Command {
    /// Create or replace a list of phone numbers
    Set(Set),
    /// List the names of all lists
    #[command(after_help = "Example:\n  switchboard route list list")]
    #[command(visible_alias = "ls")]
    List(Format),
    /// Show the numbers of a list
    Show(Named),
    /// Remove a list; no plan may refer to it
    #[command(visible_alias = "rm")]
    Remove(Remove),
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    switchboard route list set vip vip.txt\n  \
    switchboard route list set blocked -\n\n\
    The file has one number per line, with comments after #, or is a JSON array.")]
pub(in crate::command_line) struct Set {
    /// The list's name
    name: String,
    /// File with the numbers (- for standard input)
    file: String,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  \
    switchboard route list show vip")]
pub(in crate::command_line) struct Named {
    /// The list's name
    name: String,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    switchboard route list remove vip --dry-run\n  switchboard route list remove vip --yes")]
pub(in crate::command_line) struct Remove {
    /// The list's name
    name: String,
    #[command(flatten)]
    confirmation: Confirmation,
    #[command(flatten)]
    format: Format,
}

/// The same through the API of a running server.
pub(super) async fn run_remotely(client: &Client, command: Command) -> Result<(), Failure> {
    match command {
        Command::List(format) => catalogue::remote::list(client, Kind::List, format).await,
        Command::Show(Named { name, format }) => {
            catalogue::remote::show(client, Kind::List, &name, format).await
        }
        Command::Set(Set { name, file, format }) => {
            catalogue::remote::set(client, Kind::List, &name, &file, format).await
        }
        Command::Remove(Remove { name, confirmation, format }) => {
            catalogue::remote::remove(client, Kind::List, &name, confirmation, format).await
        }
    }
}

pub(super) async fn run(settings: Settings, command: Command) -> Result<(), Failure> {
    let (action, format) = match command {
        Command::Set(Set { name, file, format }) => (Action::Set { name, file }, format),
        Command::List(format) => (Action::List, format),
        Command::Show(Named { name, format }) => (Action::Show { name }, format),
        Command::Remove(Remove { name, confirmation, format }) => {
            (Action::Remove { name, confirmation }, format)
        }
    };
    carry_out(settings, Kind::List, action, format).await
}
