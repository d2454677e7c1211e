//! `switchboard route …`: routing plans, their calendars and lists, and their decisions.

mod attach;
mod calendar;
mod caller;
mod catalogue;
pub(super) mod document;
mod draft;
mod drawing;
mod explain;
mod grid;
mod list;
mod plan;
mod replay;
mod save;
mod secret;
mod simulate;

use clap::Subcommand;

pub(super) use catalogue::calendar_line;

use super::output::Format;
use super::remote::{Client, unsupported};
use crate::failure::Failure;
use crate::settings::Settings;
use crate::wiring::Documents;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Save, list, show, roll back and remove routing plans
    #[command(subcommand)]
    Plan(plan::Command),
    /// Attach a plan to a number, an account or the organization
    Attach(attach::Attach),
    /// Detach the plan from a number, an account or the organization
    Detach(attach::Detach),
    /// Manage the calendars that plans refer to
    #[command(subcommand)]
    Calendar(calendar::Command),
    /// Manage the lists of phone numbers that plans refer to
    #[command(subcommand)]
    List(list::Command),
    /// Explain who answers a call or a message, rule by rule, and when the result changes next
    Explain(explain::Explain),
    /// Show who answers in each half hour of a week, and how weights split callers
    Simulate(simulate::Simulate),
    /// Replay recorded calls and messages through a plan, and list changed decisions
    Replay(replay::Replay),
    /// Print the JSON Schema of plans
    #[command(after_help = "Example:\n  switchboard route schema > routing-plan.schema.json")]
    Schema,
    /// Print the secret that decision services use to verify requests
    #[command(after_help = "Examples:
  switchboard route secret
  switchboard route secret --organization org_00000000000000000000000000 --json

Each organization has its own secret. While encryption keys are rotated, each request is signed with each key, and this command prints the secret of the first key. Give it to the services before you remove the old key.")]
    Secret(secret::Options),
}

pub(super) async fn run(settings: Settings, command: Command) -> Result<(), Failure> {
    match command {
        Command::Plan(command) => plan::run(settings, command).await,
        Command::Attach(attach) => attach::attach(settings, attach).await,
        Command::Detach(detach) => attach::detach(settings, detach).await,
        Command::Calendar(command) => calendar::run(settings, command).await,
        Command::List(command) => list::run(settings, command).await,
        Command::Explain(explain) => explain::run(settings, explain).await,
        Command::Simulate(simulate) => simulate::run(settings, simulate).await,
        Command::Replay(replay) => replay::run(settings, replay).await,
        Command::Schema => schema(),
        Command::Secret(options) => secret::run(settings, options).await,
    }
}

/// The same through the API of a running server.
pub(super) async fn run_remotely(client: &Client, command: Command) -> Result<(), Failure> {
    match command {
        Command::Plan(command) => plan::remote::run(client, command).await,
        Command::Attach(attach) => attach::remote::attach(client, attach).await,
        Command::Detach(detach) => attach::remote::detach(client, detach).await,
        Command::Calendar(command) => calendar::run_remotely(client, command).await,
        Command::List(command) => list::run_remotely(client, command).await,
        Command::Explain(explain) => explain::run_remotely(client, explain).await,
        Command::Simulate(_) | Command::Replay(_) | Command::Schema | Command::Secret(_) => {
            Err(unsupported())
        }
    }
}

/// The schema is always JSON.
fn schema() -> Result<(), Failure> {
    Format { json: true }.print(&Documents::schema(), String::new)
}
