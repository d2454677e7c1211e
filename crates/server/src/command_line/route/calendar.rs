//! `switchboard route calendar …`

use clap::{Args, Subcommand};

use super::catalogue::{self, Action, Kind, run as carry_out};
use crate::command_line::confirmation::Confirmation;
use crate::command_line::output::Format;
use crate::command_line::remote::Client;
use crate::failure::Failure;
use crate::settings::Settings;

#[derive(Debug, Subcommand)]
pub(in crate::command_line) enum Command {
    /// Create or replace a calendar
    Set(Set),
    /// List the names of all calendars
    #[command(after_help = "Example:\n  switchboard route calendar list")]
    #[command(visible_alias = "ls")]
    List(Format),
    /// Show the days of a calendar
    Show(Named),
    /// Remove a calendar; no plan may refer to it
    #[command(visible_alias = "rm")]
    Remove(Remove),
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    switchboard route calendar set us-holidays holidays.txt\n  \
    switchboard route calendar set us-holidays -\n\n\
    The file has one day or range (2026-12-24..2027-01-01) per line, with comments after #, or is a JSON array.")]
pub(in crate::command_line) struct Set {
    /// The calendar's name
    name: String,
    /// File with the days (- for standard input)
    file: String,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  \
    switchboard route calendar show us-holidays")]
pub(in crate::command_line) struct Named {
    /// The calendar's name
    name: String,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    switchboard route calendar remove us-holidays --dry-run\n  switchboard route calendar remove us-holidays --yes")]
pub(in crate::command_line) struct Remove {
    /// The calendar's name
    name: String,
    #[command(flatten)]
    confirmation: Confirmation,
    #[command(flatten)]
    format: Format,
}

/// The same through the API of a running server.
pub(super) async fn run_remotely(client: &Client, command: Command) -> Result<(), Failure> {
    match command {
        Command::List(format) => catalogue::remote::list(client, Kind::Calendar, format).await,
        Command::Show(Named { name, format }) => {
            catalogue::remote::show(client, Kind::Calendar, &name, format).await
        }
        Command::Set(Set { name, file, format }) => {
            catalogue::remote::set(client, Kind::Calendar, &name, &file, format).await
        }
        Command::Remove(Remove { name, confirmation, format }) => {
            catalogue::remote::remove(client, Kind::Calendar, &name, confirmation, format).await
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
    carry_out(settings, Kind::Calendar, action, format).await
}
