//! `switchboard rejection …`

use clap::{Args, Subcommand};
use switchboard_admin::CursorScope;
use switchboard_admin::objects::RejectionObject;
use switchboard_domain::history::RejectionFilter;
use switchboard_domain::identifier::RejectionId;
use switchboard_domain::organization::Scope;
use switchboard_domain::rejection::{Refusal, Rejection};

use super::filters::{PeriodOptions, one_of};
use super::pages::PageOptions;
use crate::command_line::input::parse_given;
use crate::command_line::named_objects::NamedObjects;
use crate::command_line::remote::{Client, RemoteNames, Resource};
use crate::command_line::wording::CommandLineWording;
use crate::failure::{Doing as _, Failure};
use crate::installation::Installation;
use crate::settings::Settings;

const LISTING: &str = "listing rejections";
/// What is printed for an empty list.
const EMPTY: &str = "no rejections match";

#[derive(Debug, Subcommand)]
pub(in crate::command_line) enum Command {
    /// List refused requests and what to do about them, newest first
    #[command(visible_alias = "ls")]
    List(List),
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  switchboard rejection list --since 24h\n  \
    switchboard rejection list --reason signature_wrong --json\n\n\
    Reasons: signature_missing, signature_wrong, account_unknown, account_mismatch, unreadable.")]
pub(in crate::command_line) struct List {
    #[command(flatten)]
    period: PeriodOptions,
    /// Only entries of this account
    #[arg(long, value_name = "ACCOUNT")]
    account: Option<String>,
    /// Only entries with this reason
    #[arg(long)]
    reason: Option<String>,
    #[command(flatten)]
    page: PageOptions,
}

pub(in crate::command_line) async fn run(
    settings: Settings,
    command: Command,
) -> Result<(), Failure> {
    let Command::List(list) = command;
    let List { period, account, reason, page: options } = list;
    let cursors = CursorScope::new("rejections", &format!("{period:?} {account:?} {reason:?}"));
    let after = parse_given("--cursor", options.cursor.as_deref(), |text| {
        cursors.place(text, |key| RejectionId::parse(key).ok())
    })?;
    let refusal = parse_refusal(reason.as_deref())?;
    let installation = Installation::open(settings).await?;
    let account = NamedObjects::new(&installation).refused_account(account.as_ref()).await?;
    let period = period.period(installation.ambient.clock.now())?;
    let filter = RejectionFilter { period, account, refusal };
    let read = async |page| {
        let found = installation.store.newest_rejections(&Scope::Operator, &filter, &page).await;
        let rejections = found.doing(LISTING)?;
        let entry = |rejection: &Rejection| {
            (
                (rejection.at, rejection.id.clone()),
                RejectionObject::of(rejection, &CommandLineWording),
            )
        };
        Ok(rejections.iter().map(entry).collect())
    };
    options.print(&cursors, after, EMPTY, read).await
}

fn parse_refusal(text: Option<&str>) -> Result<Option<Refusal>, Failure> {
    parse_given("--reason", text, |text| {
        Refusal::parse(text).ok_or_else(|| one_of(Refusal::ALL.map(Refusal::as_str)))
    })
}

/// The same through the API of a running server. Rejections show no phone numbers, with or without --reveal.
pub(in crate::command_line) async fn run_remotely(
    client: &Client,
    command: Command,
) -> Result<(), Failure> {
    let Command::List(List { period, account, reason, page }) = command;
    parse_refusal(reason.as_deref())?;
    let account = RemoteNames::new(client).refused_account(account.as_ref()).await?;
    let list = period.select(Resource::of(&["rejections"]))?;
    let list = list.with_given("account_sid", account).with_given("reason", reason);
    page.print_remote::<RejectionObject>(client, &list, LISTING, EMPTY).await
}
