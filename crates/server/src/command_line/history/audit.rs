//! `switchboard audit …`

use clap::{Args, Subcommand};
use switchboard_admin::CursorScope;
use switchboard_admin::objects::{AuditEntryObject, AuditReader};
use switchboard_domain::audit::{Action, ActorFilter, AuditEntry, AuditFilter};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::Page;
use switchboard_domain::time::Timestamp;

use super::filters::{PeriodOptions, one_of};
use super::pages::PageOptions;
use crate::command_line::input::parse_given;
use crate::command_line::remote::{Client, Resource};
use crate::failure::{Doing as _, Failure};
use crate::installation::Installation;
use crate::settings::Settings;

const LISTING: &str = "listing the audit log";
/// What is printed for an empty list.
const EMPTY: &str = "no changes match";

#[derive(Debug, Subcommand)]
pub(in crate::command_line) enum Command {
    /// List the changes of the configuration, newest first
    #[command(visible_alias = "ls")]
    List(List),
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  switchboard audit list --since 24h\n  \
    switchboard audit list --object agt_… --json\n  \
    switchboard audit list --actor command_line --action agent.changed\n\n\
    `switchboard doctor` verifies that no entry was changed or removed.")]
pub(in crate::command_line) struct List {
    #[command(flatten)]
    period: PeriodOptions,
    /// Only changes by this actor: the id of an API key, `command_line`, `background`, or one of them such as `command_line:alice`
    #[arg(long)]
    actor: Option<String>,
    /// Only changes of the object with this id, SID or name
    #[arg(long, value_name = "ID")]
    object: Option<String>,
    /// Only entries of this action, for example agent.changed
    #[arg(long)]
    action: Option<String>,
    #[command(flatten)]
    page: PageOptions,
}

pub(in crate::command_line) async fn run(
    settings: Settings,
    command: Command,
) -> Result<(), Failure> {
    let Command::List(list) = command;
    let List { period, actor, object, action, page: options } = list;
    let filters = format!("{period:?} {actor:?} {object:?} {action:?}");
    let cursors = CursorScope::new("audit", &filters);
    let after = parse_given("--cursor", options.cursor.as_deref(), |text| {
        cursors.place(text, |key| key.parse::<u64>().ok())
    })?;
    let action = parse_action(action.as_deref())?;
    let actor = parse_actor(actor.as_deref())?;
    let installation = Installation::open(settings).await?;
    let period = period.period(installation.ambient.clock.now())?;
    let filter = AuditFilter { period, actor, object, action };
    let phone_numbers = options.reveal.phone_numbers();
    let read = async |page: Page<(Timestamp, u64)>| {
        let page = Page { after: page.after.map(|(_, sequence)| sequence), limit: page.limit };
        let found = installation.store.audit().newest(&Scope::Operator, &filter, &page).await;
        let entries = found.doing(LISTING)?;
        let entry = |entry: &AuditEntry| {
            let object = AuditEntryObject::of(entry, phone_numbers, AuditReader::Operator);
            ((entry.record.at, entry.sequence), object)
        };
        Ok(entries.iter().map(entry).collect())
    };
    options.print(&cursors, after, EMPTY, read).await
}

fn parse_action(text: Option<&str>) -> Result<Option<Action>, Failure> {
    parse_given("--action", text, |text| {
        Action::parse(text).ok_or_else(|| one_of(Action::ALL.map(Action::as_str)))
    })
}

fn parse_actor(text: Option<&str>) -> Result<Option<ActorFilter>, Failure> {
    parse_given("--actor", text, |text| {
        ActorFilter::parse(text).ok_or(
            "is neither the id of a key nor an actor such as command_line or command_line:alice",
        )
    })
}

/// The same through the API of a running server.
pub(in crate::command_line) async fn run_remotely(
    client: &Client,
    command: Command,
) -> Result<(), Failure> {
    let Command::List(List { period, actor, object, action, page }) = command;
    parse_action(action.as_deref())?;
    parse_actor(actor.as_deref())?;
    let list = period.select(Resource::of(&["audit"]))?;
    let list =
        list.with_given("actor", actor).with_given("object", object).with_given("action", action);
    let list = page.reveal.select(list);
    page.print_remote::<AuditEntryObject>(client, &list, LISTING, EMPTY).await
}
