//! `switchboard route …`: routing plans, what they name, what they are attached to, and what they decide.

mod attach;
mod calendar;
mod caller;
pub(super) mod document;
mod draft;
mod drawing;
mod explain;
mod grid;
mod installed;
mod list;
mod plan;
mod replay;
mod save;
mod secret;
mod simulate;

use clap::Subcommand;

use super::output::Format;
use crate::failure::Failure;
use crate::settings::Settings;
use crate::wiring;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Save, list, show, roll back and remove routing plans
    #[command(subcommand)]
    Plan(plan::Command),
    /// Let a plan decide for a number, an account or the organization
    Attach(attach::Attach),
    /// Let no plan decide for a number, an account or the organization any more
    Detach(attach::Detach),
    /// Keep the calendars that plans name
    #[command(subcommand)]
    Calendar(calendar::Command),
    /// Keep the lists of phone numbers that plans name
    #[command(subcommand)]
    List(list::Command),
    /// Explain who takes a call or a message, rule by rule, and what changes next
    Explain(explain::Explain),
    /// Show who answers in each half hour of a week, and how weights split callers
    Simulate(simulate::Simulate),
    /// Put the calls and messages of the last days through a plan, and list those that change
    Replay(replay::Replay),
    /// Print the JSON Schema of plans
    #[command(after_help = "Example:\n  switchboard route schema > routing-plan.schema.json")]
    Schema,
    /// Print the secret that decision services verify our questions with
    #[command(
        after_help = "Examples:\n  switchboard route secret\n  switchboard route secret --json"
    )]
    Secret(Format),
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
        Command::Secret(format) => secret::run(settings, format).await,
    }
}

/// `1 call`, `2 calls`.
fn counted(count: u64, what: &str) -> String {
    let end = if count == 1 { "" } else { "s" };
    format!("{count} {what}{end}")
}

/// The schema is JSON in any case.
fn schema() -> Result<(), Failure> {
    let schema = wiring::plan_schema();
    Ok(Format { json: true }.print(&schema, String::new)?)
}
