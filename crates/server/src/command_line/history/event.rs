//! `switchboard event …`

use clap::{Args, Subcommand};
use switchboard_admin::CursorScope;
use switchboard_admin::objects::EventObject;
use switchboard_domain::event::{Event, parse_types};
use switchboard_domain::identifier::EventId;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::EventFilter;
use switchboard_domain::time::Timestamp;

use super::filters::{PeriodOptions, start};
use super::followed::Followed;
use super::pages::PageOptions;
use super::reveal::Reveal;
use super::tail;
use crate::command_line::input::parse_given;
use crate::command_line::named_objects::NamedObjects;
use crate::command_line::output::Format;
use crate::command_line::remote::{Client, RemoteNames, Resource, unsupported};
use crate::failure::{Doing as _, Failure};
use crate::installation::Installation;
use crate::settings::Settings;

const LISTING: &str = "listing events";
/// What is printed for an empty list.
const EMPTY: &str = "no events match";

#[derive(Debug, Subcommand)]
pub(in crate::command_line) enum Command {
    /// List events, newest first
    #[command(visible_alias = "ls")]
    List(List),
    /// Follow events: print each event when it happens
    Tail(Tail),
}

/// What selects events.
#[derive(Clone, Debug, Args)]
struct FilterOptions {
    #[command(flatten)]
    period: PeriodOptions,
    /// Only events of these types: names and groups, separated by commas, for example call.*,message.failed
    #[arg(long = "type", value_name = "TYPES")]
    types: Option<String>,
    /// Only events of this account
    #[arg(long, value_name = "ACCOUNT")]
    account: Option<String>,
    /// Only events about this call, message, delivery or agent, by its SID or id
    #[arg(long, value_name = "ID")]
    subject: Option<String>,
}

impl FilterOptions {
    async fn filter(&self, installation: &Installation) -> Result<EventFilter, Failure> {
        let kinds = parse_given("--type", self.types.as_deref(), parse_types)?;
        Ok(EventFilter {
            period: self.period.period(installation.ambient.clock.now())?,
            kinds,
            account: NamedObjects::of_records(installation).account(self.account.as_ref()).await?,
            subject: self.subject.as_deref().map(|subject| subject.trim().to_owned()),
        })
    }
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  switchboard event list --type call.* --since 24h\n  \
    switchboard event list --type message.failed,delivery.dead --json\n  \
    switchboard event list --subject SM0123456789abcdef0123456789abcdef --reveal")]
pub(in crate::command_line) struct List {
    #[command(flatten)]
    filter: FilterOptions,
    #[command(flatten)]
    page: PageOptions,
}

#[derive(Debug, Args)]
#[command(after_help = tail::help(
    "Examples:\n  switchboard event tail\n  \
        switchboard event tail --type call.*,message.failed --since 1h --json",
    "event",
    None,
))]
pub(in crate::command_line) struct Tail {
    #[command(flatten)]
    filter: FilterOptions,
    #[command(flatten)]
    reveal: Reveal,
    #[command(flatten)]
    format: Format,
}

pub(in crate::command_line) async fn run(
    settings: Settings,
    command: Command,
) -> Result<(), Failure> {
    match command {
        Command::List(list) => self::list(settings, list).await,
        Command::Tail(tail) => self::tail(settings, tail).await,
    }
}

/// The same through the API of a running server.
pub(in crate::command_line) async fn run_remotely(
    client: &Client,
    command: Command,
) -> Result<(), Failure> {
    match command {
        Command::List(List { filter, page }) => {
            parse_given("--type", filter.types.as_deref(), parse_types)?;
            let list = filter.period.select(Resource::of(&["events"]))?;
            let account = RemoteNames::of_records(client).account(filter.account.as_ref()).await?;
            let list = list
                .with_given("type", filter.types.as_deref())
                .with_given("account_sid", account)
                .with_given("subject", filter.subject.as_deref().map(str::trim));
            let list = page.reveal.select(list);
            page.print_remote::<EventObject>(client, &list, LISTING, EMPTY).await
        }
        Command::Tail(_) => Err(unsupported()),
    }
}

async fn list(settings: Settings, list: List) -> Result<(), Failure> {
    let List { filter, page: options } = list;
    let cursors = CursorScope::new("events", &format!("{filter:?}"));
    let after = parse_given("--cursor", options.cursor.as_deref(), |text| {
        cursors.place(text, |key| EventId::parse(key).ok())
    })?;
    let installation = Installation::open(settings).await?;
    let filter = filter.filter(&installation).await?;
    let read = async |page| {
        let events = installation.store.events();
        let found = events.newest(&Scope::Operator, &filter, &page).await.doing(LISTING)?;
        let entry = |event: &Event| {
            ((event.at, event.id.clone()), EventObject::of(event, options.reveal.phone_numbers()))
        };
        Ok(found.iter().map(entry).collect())
    };
    options.print(&cursors, after, EMPTY, read).await
}

async fn tail(settings: Settings, tail: Tail) -> Result<(), Failure> {
    let Tail { filter, reveal, format } = tail;
    let installation = Installation::open(settings).await?;
    let mut filter = filter.filter(&installation).await?;
    let clock = installation.ambient.clock.as_ref();
    let start = start(filter.period, clock.now())?;
    let read = async |since, page| {
        filter.period.since = Some(since);
        let found = installation.store.events().oldest(&Scope::Operator, &filter, &page).await;
        found.doing(LISTING)
    };
    let view = async |event: &Event| Ok(EventObject::of(event, reveal.phone_numbers()));
    tail::follow(format, clock, start, read, view).await
}

impl Followed for Event {
    type Key = EventId;

    fn key(&self) -> Self::Key {
        self.id.clone()
    }

    fn state(&self) -> &'static str {
        self.kind.as_str()
    }

    fn began(&self) -> Timestamp {
        self.at
    }
}
