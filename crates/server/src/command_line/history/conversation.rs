//! `switchboard conversation …`

use clap::{Args, Subcommand};
use switchboard_admin::CursorScope;
use switchboard_admin::objects::{ConversationObject, ConversationStory};
use switchboard_admin::party::Party;
use switchboard_domain::delivery::ConversationKey;
use switchboard_domain::identifier::ConversationId;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{Clock as _, Conversation, ConversationFilter};
use switchboard_domain::time::Timestamp;

use super::filters::PeriodOptions;
use super::pages::PageOptions;
use super::reading;
use super::reveal::Reveal;
use crate::ambient::SystemClock;
use crate::command_line::input::{parse, parse_given};
use crate::command_line::named_objects::NamedObjects;
use crate::command_line::output::Format;
use crate::command_line::remote::{Client, RemoteNames, Resource};
use crate::command_line::view::Sheet as _;
use crate::failure::{Doing as _, Failure};
use crate::installation::Installation;
use crate::settings::Settings;

const LISTING: &str = "listing conversations";
/// What is printed for an empty list.
const EMPTY: &str = "no conversations match";
/// The maximum number of messages and calls that the API shows.
const MAX_REMOTE_TURNS: u32 = 200;
const SHOWING: &str = "showing the conversation";

#[derive(Debug, Subcommand)]
pub(in crate::command_line) enum Command {
    /// List conversations, newest first
    #[command(visible_alias = "ls")]
    List(List),
    /// Show the messages and calls of a conversation, in both directions
    Show(Show),
}

#[derive(Clone, Debug, Args)]
struct FilterOptions {
    #[command(flatten)]
    period: PeriodOptions,
    /// Only conversations with this contact, on any channel
    #[arg(long, value_name = "NUMBER")]
    contact: Option<String>,
    /// Only conversations with this number or sender
    #[arg(long, value_name = "NUMBER")]
    sender: Option<String>,
    /// Only conversations with deliveries of this agent, by its id, external id or name
    #[arg(long)]
    agent: Option<String>,
    /// Only conversations with deliveries of this account
    #[arg(long, value_name = "ACCOUNT")]
    account: Option<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  switchboard conversation list --since 24h\n  \
    switchboard conversation list --contact +14155550199 --json\n  \
    switchboard conversation list --sender +14155550100 --agent Sales\n\n\
    --since and --until select by the time at which a conversation began.")]
pub(in crate::command_line) struct List {
    #[command(flatten)]
    filter: FilterOptions,
    #[command(flatten)]
    page: PageOptions,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  switchboard conversation show cnv_01m8m6zhdnqvnbd4bevveza14r\n  \
    switchboard conversation show cnv_01m8m6zhdnqvnbd4bevveza14r --limit 1000 --reveal --json"
)]
pub(in crate::command_line) struct Show {
    /// The id of the conversation
    #[arg(value_name = "cnv_…")]
    id: String,
    /// The maximum number of messages and calls; the last ones are shown
    #[arg(long, default_value_t = 100, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    limit: u32,
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
        Command::Show(show) => self::show(settings, show).await,
    }
}

impl FilterOptions {
    /// The filter without what has to be looked up.
    fn parsed(&self, now: Timestamp) -> Result<ConversationFilter, Failure> {
        let side = |argument, text: Option<&String>| {
            let party = parse_given(argument, text.map(String::as_str), Party::parse)?;
            Ok::<_, Failure>(party.map(|party| ConversationKey::side(&party.address)))
        };
        let contact = side("--contact", self.contact.as_ref())?;
        let sender = side("--sender", self.sender.as_ref())?;
        let period = self.period.period(now)?;
        Ok(ConversationFilter { period, sender, contact, agent: None, account: None })
    }

    async fn filter(&self, installation: &Installation) -> Result<ConversationFilter, Failure> {
        let filter = self.parsed(installation.ambient.clock.now())?;
        let mut named = NamedObjects::of_records(installation);
        let agent = named.agent(self.agent.as_ref()).await?;
        let account = named.account(self.account.as_ref()).await?;
        named.of_one_organization()?;
        Ok(ConversationFilter { agent, account, ..filter })
    }

    /// The same for a list of the API.
    async fn select(&self, client: &Client, list: Resource) -> Result<Resource, Failure> {
        self.parsed(SystemClock.now())?;
        let mut named = RemoteNames::of_records(client);
        let agent = named.agent(self.agent.as_ref()).await?;
        let account = named.account(self.account.as_ref()).await?;
        named.of_one_organization()?;
        let list = self.period.select(list)?;
        Ok(list
            .with_given("contact", self.contact.as_deref())
            .with_given("sender", self.sender.as_deref())
            .with_given("agent_id", agent)
            .with_given("account_sid", account))
    }
}

/// The error of a conversation that is not recorded.
fn unknown(id: &ConversationId) -> Failure {
    Failure::not_found(format!(
        "no conversation {id} is recorded; `switchboard conversation list` lists them"
    ))
}

/// The same through the API of a running server.
pub(in crate::command_line) async fn run_remotely(
    client: &Client,
    command: Command,
) -> Result<(), Failure> {
    match command {
        Command::List(List { filter, page }) => {
            let list = filter.select(client, Resource::of(&["conversations"])).await?;
            let list = page.reveal.select(list);
            page.print_remote::<ConversationObject>(client, &list, LISTING, EMPTY).await
        }
        Command::Show(show) => {
            let id = parse("the conversation", show.id.trim(), ConversationId::parse)?;
            if show.limit > MAX_REMOTE_TURNS {
                let what = format!("is more than {MAX_REMOTE_TURNS}, the most through --url");
                return Err(Failure::argument("--limit", what));
            }
            let conversation = Resource::of(&["conversations", id.as_str()]);
            let conversation = conversation.with("limit", show.limit.to_string());
            let conversation = show.reveal.select(conversation);
            let found = client.find(&conversation, "conversation_not_found").await;
            let story: ConversationStory = found.doing(SHOWING)?.ok_or_else(|| unknown(&id))?;
            show.format.print(&story, || story.sheet())
        }
    }
}

async fn list(settings: Settings, list: List) -> Result<(), Failure> {
    let List { filter, page: options } = list;
    let cursors = CursorScope::new("conversations", &format!("{filter:?}"));
    let after = parse_given("--cursor", options.cursor.as_deref(), |text| {
        cursors.place(text, |key| ConversationId::parse(key).ok())
    })?;
    let installation = Installation::open(settings).await?;
    let filter = filter.filter(&installation).await?;
    let now = installation.ambient.clock.now();
    let read = async |page| {
        let conversations = installation.store.conversations();
        let found = conversations.newest(&Scope::Operator, &filter, &page).await.doing(LISTING)?;
        let entry = |one: Conversation| {
            let view = ConversationObject::of(&one, now, options.reveal.phone_numbers());
            ((one.created_at, one.id), view)
        };
        Ok(found.into_iter().map(entry).collect())
    };
    options.print(&cursors, after, EMPTY, read).await
}

async fn show(settings: Settings, show: Show) -> Result<(), Failure> {
    let id = parse("the conversation", show.id.trim(), ConversationId::parse)?;
    let installation = Installation::open(settings).await?;
    let found = installation.store.conversations().find(&Scope::Operator, &id).await;
    let conversation = found.doing(SHOWING)?.ok_or_else(|| unknown(&id))?;
    let now = installation.ambient.clock.now();
    let mut reading = reading(&installation, show.reveal.phone_numbers());
    let story = reading.conversation(&conversation, now, show.limit).await.doing(SHOWING)?;
    show.format.print(&story, || story.sheet())
}
