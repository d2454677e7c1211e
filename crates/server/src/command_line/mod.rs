//! The command line: arguments become calls of use cases, and results become text or JSON.

mod account;
mod account_rotate;
mod account_sync;
mod agent;
mod agent_fields;
mod agent_limits;
mod carrier_use_cases;
mod doctor;
#[cfg(test)]
mod documented;
mod export;
mod import;
mod input;
mod migrate;
mod number;
mod open;
mod output;
pub(crate) mod remedies;
mod route;
mod simulate;
mod view;
mod webhooks;

pub(crate) use carrier_use_cases::AtCarrier;
use clap::{Args, Parser, Subcommand};
pub(crate) use open::Installation;
pub(crate) use simulate::{demonstrate, reachable};

use crate::failure::Failure;
use crate::serve;
use crate::settings::Settings;

/// What was asked for.
#[derive(Debug, Parser)]
#[command(
    name = "switchboard",
    version,
    about = "One webhook URL for every phone number of every Twilio account",
    after_help = "Without a command, switchboard serves.\n\
        Settings come from the environment or from switchboard.toml in the working directory.\n\
        `switchboard doctor` says whether they fit."
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Answer webhooks
    Serve(ServeOptions),
    /// Add, list, show, change, remove and sync Twilio accounts, and rotate their auth tokens
    #[command(subcommand)]
    Account(account::Command),
    /// Add, list, show, change and remove agents
    #[command(subcommand)]
    Agent(agent::Command),
    /// Add, list, show, assign and release phone numbers
    #[command(subcommand)]
    Number(number::Command),
    /// Choose among agents by routing plans: save, attach, explain, simulate and replay them
    #[command(subcommand)]
    Route(route::Command),
    /// Look at, change and give back what numbers are at Twilio
    #[command(subcommand)]
    Webhooks(webhooks::Command),
    /// Bring in many accounts, agents and numbers at once
    #[command(subcommand)]
    Import(import::Command),
    /// Write accounts, agents and numbers into files that import csv reads, without secrets
    Export(export::Options),
    /// Send a call or a message to a running server as Twilio does, or be Twilio on this machine
    #[command(subcommand)]
    Simulate(simulate::Command),
    /// Make the database, or bring it up to date
    #[command(
        after_help = "Examples:\n  switchboard migrate\n  DATABASE_URL=postgres://switchboard@localhost/switchboard switchboard migrate"
    )]
    Migrate,
    /// Check settings, database, clock, keys and public URL
    Doctor(doctor::Options),
}

/// How to serve.
#[derive(Clone, Copy, Debug, Default, Args)]
#[command(
    after_help = "Examples:\n  switchboard serve\n  switchboard serve --demo\n  SWITCHBOARD_LISTEN=0.0.0.0:8080 switchboard serve"
)]
pub(crate) struct ServeOptions {
    /// Serve a fresh database of its own beside an offline Twilio and a voice server, and answer a call and a message
    #[arg(long)]
    pub(crate) demo: bool,
}

/// Does what was asked for.
pub(crate) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let command = arguments.command.unwrap_or_else(|| Command::Serve(ServeOptions::default()));
    // The doctor tells of mistakes in the settings itself.
    if let Command::Doctor(options) = command {
        return doctor::run(options).await;
    }
    let settings = Settings::from_environment().map_err(Failure::usage)?;
    match command {
        Command::Serve(options) => serve::run(settings, options).await,
        Command::Account(command) => account::run(settings, command).await,
        Command::Agent(command) => agent::run(settings, command).await,
        Command::Number(command) => number::run(settings, command).await,
        Command::Route(command) => route::run(settings, command).await,
        Command::Webhooks(command) => webhooks::run(settings, command).await,
        Command::Import(command) => import::run(settings, command).await,
        Command::Export(options) => export::run(settings, options).await,
        Command::Simulate(command) => simulate::run(settings, command).await,
        Command::Migrate => migrate::run(settings).await,
        Command::Doctor(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::Arguments;

    #[test]
    fn every_command_is_consistent_and_explains_itself() {
        let mut command = Arguments::command();
        command.build();
        command.clone().debug_assert();
        let mut waiting = vec![command];
        while let Some(mut command) = waiting.pop() {
            assert!(command.get_about().is_some(), "{}", command.get_name());
            let is_leaf = command.get_subcommands().all(|command| command.get_name() == "help");
            let help = command.render_help().to_string();
            assert!(!is_leaf || help.contains("Example"), "{} has no example", command.get_name());
            waiting.extend(
                command.get_subcommands().filter(|command| command.get_name() != "help").cloned(),
            );
        }
    }
}
