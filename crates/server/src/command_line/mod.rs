//! The command line: parses arguments, calls use cases, and prints results as text or JSON.

mod account;
mod account_connect;
mod account_rotate;
mod account_sync;
mod account_validation;
mod address_hint;
mod agent;
mod agent_fields;
mod agent_limits;
mod archive_file;
mod chat_options;
mod confirmation;
mod doctor;
#[cfg(test)]
mod documentation_tests;
mod erase;
mod export;
mod history;
mod import;
mod input;
mod job;
mod key;
mod keys;
mod message_send;
mod migrate;
mod named_objects;
mod number;
mod organization;
mod output;
mod progress;
mod prune;
mod remedies;
mod remote;
mod route;
mod sender;
mod shell;
#[cfg(feature = "simulator")]
mod simulate;
mod subscription;
mod table;
mod template_options;
mod token_check;
mod view;
mod voice_health;
mod webhooks;
mod wording;

use std::sync::Arc;

use clap::{ArgMatches, Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
pub(crate) use remedies::report;
use remote::{Client, ConnectionOptions};
use wording::CommandLineWording;

use crate::failure::Failure;
use crate::serve;
use crate::settings::Settings;

/// The arguments of the program.
#[derive(Debug, Parser)]
#[command(
    name = "switchboard",
    version,
    about = "One webhook URL for every phone number of every Twilio account",
    after_help = "Settings are read from the environment and from switchboard.toml in the working directory.\n\
        `switchboard doctor` checks them.\n\n\
        Refer to an object by its id (an account by its SID) or by its name.\n\n\
        Examples through the API of a running server:\n  \
        switchboard --url http://127.0.0.1:8088 --key key.txt number list\n  \
        SWITCHBOARD_URL=https://switchboard.example.com SWITCHBOARD_KEY_FILE=key.txt switchboard call list --since 24h\n\n\
        Exit codes: 0 success, 1 failed, 2 wrong arguments or settings, 3 the configuration at Twilio differs, \
        4 not found, 5 not possible in the current state, 6 the same command can succeed later.\n\
        With --json, an error is one JSON object on standard error. Its fields are code and message, and hint, pointer \
        and errors if they are known."
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    connection: ConnectionOptions,
    /// The words of the command, for example `number list`.
    #[arg(skip)]
    words: String,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server that answers webhooks
    Serve(ServeOptions),
    /// Add, list, show, change, sync and remove Twilio accounts, and rotate their auth tokens
    #[command(subcommand)]
    Account(account::Command),
    /// Add, list, show, change and remove agents
    #[command(subcommand)]
    Agent(agent::Command),
    /// Add, list, show, assign, unassign and remove phone numbers
    #[command(subcommand)]
    Number(number::Command),
    /// Add, list, show, assign, unassign and remove WhatsApp, RCS and Messenger senders and short codes
    #[command(subcommand)]
    Sender(sender::Command),
    /// Manage routing plans: save, attach, explain, simulate and replay them
    #[command(subcommand)]
    Route(route::Command),
    /// List calls, and show what happened to one
    #[command(subcommand)]
    Call(history::call::Command),
    /// Send a message; list messages, and show what happened to one
    #[command(subcommand)]
    Message(history::message::Command),
    /// List which contacts want no messages
    #[command(subcommand)]
    Consent(history::consent::Command),
    /// List conversations with contacts, and show the messages of one
    #[command(subcommand)]
    Conversation(history::conversation::Command),
    /// List deliveries of messages and events, show what happened to one, and replay those that failed
    #[command(subcommand)]
    Delivery(history::delivery::Command),
    /// List events: what happened to calls, messages, deliveries and consents
    #[command(subcommand)]
    Event(history::event::Command),
    /// Subscribe endpoints to events
    #[command(subcommand)]
    Subscription(subscription::Command),
    /// Add, list, rename and remove organizations (tenants)
    #[command(subcommand)]
    Organization(organization::Command),
    /// Add, list and revoke keys of the admin API
    #[command(subcommand)]
    Key(key::Command),
    /// Rotate the encryption keys of stored tokens, keys and secrets
    #[command(subcommand)]
    Keys(keys::Command),
    /// List who changed what in the configuration
    #[command(subcommand)]
    Audit(history::audit::Command),
    /// List refused requests
    #[command(subcommand)]
    Rejection(history::rejection::Command),
    /// Check, plan, fix and restore the webhook configuration of numbers at Twilio
    #[command(subcommand)]
    Webhooks(webhooks::Command),
    /// List jobs, show their progress, and cancel them
    #[command(subcommand)]
    Job(job::Command),
    /// Import accounts, agents and numbers
    #[command(subcommand)]
    Import(import::Command),
    /// Export accounts, agents and numbers (without secrets) to CSV files for `import csv`
    Export(export::Options),
    /// Send a call or a message to a running server as Twilio does, or run an offline Twilio
    #[cfg(feature = "simulator")]
    #[command(subcommand)]
    Simulate(simulate::Command),
    /// Simulate calls and messages (not available in this build)
    #[cfg(not(feature = "simulator"))]
    #[command(
        after_help = "Examples are in the help of a build with the Cargo feature `simulator`."
    )]
    Simulate(without_simulator::Arguments),
    /// Delete old records now, as `serve` does every hour
    Prune(prune::Options),
    /// Erase a contact from calls and messages, for example on the contact's request
    Erase(erase::Options),
    /// Create the database, or migrate it to the current schema
    Migrate(migrate::Options),
    /// Print a completion script for a shell
    Completions(shell::Completions),
    /// Write the man pages of all commands to a folder
    Man(shell::Man),
    /// Check settings, database, clock, encryption keys and public URL
    Doctor(doctor::Options),
}

/// How to serve.
#[derive(Clone, Copy, Debug, Args)]
#[command(
    after_help = "Examples:\n  switchboard serve\n  switchboard serve --demo\n  SWITCHBOARD_LISTEN=0.0.0.0:8080 switchboard serve"
)]
struct ServeOptions {
    /// Run a demo with a new database, an offline Twilio and a voice server, and send an example call and message
    #[arg(long)]
    demo: bool,
}

impl Arguments {
    /// Parses the arguments of this process.
    pub(crate) fn read() -> Result<Self, clap::Error> {
        let matches = Self::command().try_get_matches()?;
        let arguments = Self::from_arg_matches(&matches);
        let arguments = arguments.map_err(|error| error.format(&mut Self::command()))?;
        Ok(Self { words: words(&matches), ..arguments })
    }
}

/// The words of the command, without its options and its values. An alias is the name that it stands for.
fn words(matches: &ArgMatches) -> String {
    let (mut words, mut next) = (Vec::new(), matches.subcommand());
    while let Some((word, matches)) = next {
        words.push(word);
        next = matches.subcommand();
    }
    words.join(" ")
}

/// Runs the command.
pub(crate) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let Arguments { connection, words, command } = arguments;
    let Some(command) = command else {
        return Arguments::command().print_help().map_err(Failure::Output);
    };
    if let Some(client) = connection.client(&words)? {
        return Box::pin(run_remotely(&client, command)).await;
    }
    match command {
        // The doctor reports mistakes in the settings itself.
        Command::Doctor(options) => return doctor::run(options).await,
        // These need no settings.
        Command::Completions(options) => return shell::completions(options),
        Command::Man(options) => return shell::man(&options),
        _ => {}
    }
    let settings = Settings::from_environment().map_err(Failure::usage)?;
    match command {
        #[cfg(feature = "simulator")]
        Command::Serve(ServeOptions { demo: true }) => {
            Box::pin(crate::demo::run(
                settings,
                Arc::new(CommandLineWording),
                simulate::demonstrate,
            ))
            .await
        }
        #[cfg(not(feature = "simulator"))]
        Command::Serve(ServeOptions { demo: true }) => Err(without_simulator::failure()),
        Command::Serve(ServeOptions { demo: false }) => {
            serve::run(settings, Arc::new(CommandLineWording)).await
        }
        Command::Account(command) => account::run(settings, command).await,
        Command::Agent(command) => agent::run(settings, command).await,
        Command::Number(command) => number::run(settings, command).await,
        Command::Sender(command) => sender::run(settings, command).await,
        Command::Route(command) => Box::pin(route::run(settings, command)).await,
        Command::Call(command) => history::call::run(settings, command).await,
        Command::Message(command) => history::message::run(settings, command).await,
        Command::Consent(command) => history::consent::run(settings, command).await,
        Command::Conversation(command) => history::conversation::run(settings, command).await,
        Command::Delivery(command) => history::delivery::run(settings, command).await,
        Command::Event(command) => history::event::run(settings, command).await,
        Command::Subscription(command) => subscription::run(settings, command).await,
        Command::Organization(command) => organization::run(settings, command).await,
        Command::Key(command) => key::run(settings, command).await,
        Command::Keys(command) => keys::run(settings, command).await,
        Command::Audit(command) => history::audit::run(settings, command).await,
        Command::Rejection(command) => history::rejection::run(settings, command).await,
        Command::Webhooks(command) => webhooks::run(settings, command).await,
        Command::Job(command) => job::run(settings, command).await,
        Command::Import(command) => import::run(settings, command).await,
        Command::Export(options) => export::run(settings, options).await,
        #[cfg(feature = "simulator")]
        Command::Simulate(command) => Box::pin(simulate::run(settings, command)).await,
        #[cfg(not(feature = "simulator"))]
        Command::Simulate(_) => Err(without_simulator::failure()),
        Command::Prune(options) => prune::run(settings, options).await,
        Command::Erase(options) => erase::run(settings, options).await,
        Command::Migrate(options) => migrate::run(settings, options).await,
        Command::Completions(_) | Command::Man(_) | Command::Doctor(_) => Ok(()),
    }
}

/// Runs the command through the API of a running server.
async fn run_remotely(client: &Client, command: Command) -> Result<(), Failure> {
    match command {
        Command::Account(command) => account::remote::run(client, command).await,
        Command::Agent(command) => agent::remote::run(client, command).await,
        Command::Number(command) => number::remote::run(client, command).await,
        Command::Sender(command) => sender::run_remotely(client, command).await,
        Command::Route(command) => route::run_remotely(client, command).await,
        Command::Call(command) => history::call::remote::run(client, command).await,
        Command::Message(command) => history::message::run_remotely(client, command).await,
        Command::Conversation(command) => {
            history::conversation::run_remotely(client, command).await
        }
        Command::Delivery(command) => history::delivery::run_remotely(client, command).await,
        Command::Event(command) => history::event::run_remotely(client, command).await,
        Command::Subscription(command) => subscription::remote::run(client, command).await,
        Command::Organization(command) => organization::remote::run(client, command).await,
        Command::Key(command) => key::remote::run(client, command).await,
        Command::Audit(command) => history::audit::run_remotely(client, command).await,
        Command::Rejection(command) => history::rejection::run_remotely(client, command).await,
        Command::Job(command) => job::run_remotely(client, command).await,
        Command::Serve(_)
        | Command::Consent(_)
        | Command::Keys(_)
        | Command::Webhooks(_)
        | Command::Import(_)
        | Command::Export(_)
        | Command::Simulate(_)
        | Command::Prune(_)
        | Command::Erase(_)
        | Command::Migrate(_)
        | Command::Completions(_)
        | Command::Man(_)
        | Command::Doctor(_) => Err(remote::unsupported()),
    }
}

/// The commands of the simulator, in a build without it.
#[cfg(not(feature = "simulator"))]
mod without_simulator {
    use crate::failure::Failure;

    /// Any arguments, so that the answer is the missing feature and not a mistake in them.
    #[derive(Debug, clap::Args)]
    pub(super) struct Arguments {
        /// Ignored
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
        _ignored: Vec<String>,
    }

    pub(super) fn failure() -> Failure {
        Failure::refused(
            "this build has no simulator; use one with the Cargo feature `simulator`, which is on by default",
        )
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::CommandFactory as _;

    use super::Arguments;

    #[test]
    fn every_list_and_every_removal_has_a_short_name() {
        let mut waiting = vec![Arguments::command()];
        while let Some(command) = waiting.pop() {
            let is_leaf = !command.has_subcommands();
            let short = match command.get_name() {
                "list" if is_leaf => Some("ls"),
                "remove" => Some("rm"),
                _ => None,
            };
            if let Some(short) = short {
                assert!(command.get_visible_aliases().any(|alias| alias == short), "{command:?}");
            }
            waiting.extend(command.get_subcommands().cloned());
        }
    }

    /// The words of all commands that can be run.
    #[cfg(feature = "simulator")]
    fn all_words(command: &clap::Command, before: &str, found: &mut BTreeSet<String>) {
        for command in command.get_subcommands().filter(|command| command.get_name() != "help") {
            let words = format!("{before} {}", command.get_name()).trim().to_owned();
            if command.has_subcommands() {
                all_words(command, &words, found);
            } else {
                found.insert(words);
            }
        }
    }

    #[cfg(feature = "simulator")]
    #[test]
    fn every_command_works_through_the_api_or_is_listed_with_the_reason_why_not() {
        let mut commands = BTreeSet::new();
        all_words(&Arguments::command(), "", &mut commands);
        let mut listed: BTreeSet<_> =
            super::remote::listed_commands().into_iter().map(str::to_owned).collect();
        // The whole command of a build without the simulator.
        assert!(listed.remove("simulate"));
        assert_eq!(commands, listed);
    }

    #[test]
    fn the_words_of_a_command_are_its_names() {
        let words = |line: &str| {
            super::words(&Arguments::command().try_get_matches_from(line.split(' ')).unwrap())
        };
        assert_eq!(words("switchboard"), "");
        assert_eq!(words("switchboard --url http://localhost number ls --json"), "number list");
        assert_eq!(words("switchboard route plan rm x"), "route plan remove");
    }

    #[test]
    fn every_command_is_consistent_and_has_examples() {
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
