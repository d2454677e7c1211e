//! `switchboard audit …`

use clap::{Args, Subcommand};
use switchboard_admin::CursorScope;
use switchboard_domain::audit::{Action, ActorFilter, AuditEntry, AuditFilter};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::Page;
use switchboard_domain::time::Timestamp;

use super::filters::{PeriodOptions, one_of};
use super::pages::PageOptions;
use crate::command_line::input::parse_given;
use crate::command_line::view::AuditEntryView;
use crate::failure::{Doing as _, Failure};
use crate::installation::Installation;
use crate::settings::Settings;

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
    let action = parse_given("--action", action.as_deref(), |text| {
        Action::parse(text).ok_or_else(|| one_of(Action::ALL.map(Action::as_str)))
    })?;
    let actor = parse_given("--actor", actor.as_deref(), |text| {
        ActorFilter::parse(text).ok_or(
            "is neither the id of a key nor an actor such as command_line or command_line:alice",
        )
    })?;
    let installation = Installation::open(settings).await?;
    let period = period.period(installation.ambient.clock.now())?;
    let filter = AuditFilter { period, actor, object, action };
    let phone_numbers = options.reveal.phone_numbers();
    let read = async |page: Page<(Timestamp, u64)>| {
        let page = Page { after: page.after.map(|(_, sequence)| sequence), limit: page.limit };
        let found = installation.store.audit().newest(&Scope::Operator, &filter, &page).await;
        let entries = found.doing("listing the audit log")?;
        let entry = |entry: &AuditEntry| {
            ((entry.record.at, entry.sequence), AuditEntryView::of(entry, phone_numbers))
        };
        Ok(entries.iter().map(entry).collect())
    };
    options.print(&cursors, after, "no changes match", read).await
}
