//! `switchboard message …`

use clap::{Args, Subcommand};
use switchboard_admin::CursorScope;
use switchboard_admin::objects::{MessageObject, MessageStory};
use switchboard_application_delivery::ReplaySelection;
use switchboard_domain::history::{HistoryFilter, Records};
use switchboard_domain::message::MessageRecord;
use switchboard_domain::organization::Scope;
use switchboard_domain::sid::MessageSid;
use switchboard_domain::status::MessageStatus;
use switchboard_domain::time::Timestamp;

use super::filters::{FilterOptions, one_of, start};
use super::followed::Followed;
use super::pages::PageOptions;
use super::reading;
use super::reveal::Reveal;
use super::tail;
use crate::command_line::confirmation::Confirmation;
use crate::command_line::input::{parse, parse_given};
use crate::command_line::message_send;
use crate::command_line::output::Format;
use crate::command_line::remote::{Client, Resource, unsupported};
use crate::command_line::view::Sheet as _;
use crate::failure::{Doing as _, Failure};
use crate::installation::Installation;
use crate::settings::Settings;

const LISTING: &str = "listing messages";
/// What is printed for an empty list.
const EMPTY: &str = "no messages match";
const SHOWING: &str = "showing the message";

#[derive(Debug, Subcommand)]
pub(in crate::command_line) enum Command {
    /// List messages, newest first
    #[command(visible_alias = "ls")]
    List(List),
    /// Show what happened to a message, and what to do about it
    Show(Show),
    /// Deliver a message again whose delivery is dead
    Replay(Replay),
    /// Send a message from one of the numbers
    Send(message_send::Options),
    /// Follow messages: print each message when it arrives and when its state changes
    Tail(Tail),
}

/// What selects messages.
#[derive(Clone, Debug, Args)]
struct MessageFilterOptions {
    #[command(flatten)]
    shared: FilterOptions,
    /// Only messages in this state, with Twilio's names: received, queued, sent, delivered, failed, undelivered and others
    #[arg(long)]
    status: Option<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  switchboard message list --since 24h --to +14155550100\n  \
    switchboard message list --reason unassigned --reveal\n  \
    switchboard message list --status failed --since 24h\n  \
    switchboard message list --agent Sales --limit 1000 --json")]
pub(in crate::command_line) struct List {
    #[command(flatten)]
    filter: MessageFilterOptions,
    #[command(flatten)]
    page: PageOptions,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  switchboard message show SM0123456789abcdef0123456789abcdef --reveal"
)]
pub(in crate::command_line) struct Show {
    /// The SID of the message
    #[arg(value_name = "SM…")]
    sid: String,
    #[command(flatten)]
    reveal: Reveal,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
#[command(after_help = tail::help(
    "Examples:\n  switchboard message tail\n  switchboard message tail --agent Sales --since 1h --json\n  \
        switchboard message tail --status undelivered",
    "message",
    Some("state"),
))]
pub(in crate::command_line) struct Tail {
    #[command(flatten)]
    filter: MessageFilterOptions,
    #[command(flatten)]
    reveal: Reveal,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  switchboard message replay SM0123456789abcdef0123456789abcdef\n\n\
    An inbound message is delivered to its agent again, and an outbound one is sent again. A message whose outcome at \
    Twilio is unknown is looked up there before it is sent."
)]
pub(in crate::command_line) struct Replay {
    /// The SID of the message
    #[arg(value_name = "SM…")]
    sid: String,
    #[command(flatten)]
    confirmation: Confirmation,
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
        Command::Replay(replay) => self::replay(settings, replay).await,
        Command::Send(options) => message_send::run(settings, options).await,
        Command::Tail(tail) => self::tail(settings, tail).await,
    }
}

impl MessageFilterOptions {
    fn status(&self) -> Result<Option<MessageStatus>, Failure> {
        parse_given("--status", self.status.as_deref(), |text| {
            MessageStatus::parse(text)
                .ok_or_else(|| one_of(MessageStatus::ALL.map(MessageStatus::as_str)))
        })
    }

    async fn filter(&self, installation: &Installation) -> Result<HistoryFilter, Failure> {
        let status = self.status()?;
        let filter = self.shared.filter(installation, Records::Messages).await?;
        Ok(HistoryFilter { status, ..filter })
    }
}

async fn list(settings: Settings, list: List) -> Result<(), Failure> {
    let List { filter, page: options } = list;
    let cursors = CursorScope::new("messages", &format!("{filter:?}"));
    let after = parse_given("--cursor", options.cursor.as_deref(), |text| {
        cursors.place(text, |key| MessageSid::parse(key).ok())
    })?;
    let installation = Installation::open(settings).await?;
    let filter = filter.filter(&installation).await?;
    let mut reading = reading(&installation, options.reveal.phone_numbers());
    let read = async |page| {
        let found = installation.store.newest_messages(&Scope::Operator, &filter, &page).await;
        let read = reading.messages(found.doing(LISTING)?).await.doing(LISTING)?;
        let place = |message: &MessageRecord| (message.first_seen_at, message.message);
        Ok(read.into_iter().map(|(message, object)| (place(&message), object)).collect())
    };
    options.print(&cursors, after, EMPTY, read).await
}

async fn tail(settings: Settings, tail: Tail) -> Result<(), Failure> {
    let Tail { filter, reveal, format } = tail;
    let installation = Installation::open(settings).await?;
    let mut filter = filter.filter(&installation).await?;
    let clock = installation.ambient.clock.as_ref();
    let start = start(filter.period, clock.now())?;
    let mut reading = reading(&installation, reveal.phone_numbers());
    let read = async |since, page| {
        filter.period.since = Some(since);
        let found = installation.store.oldest_messages(&Scope::Operator, &filter, &page).await;
        found.doing(LISTING)
    };
    let view = async |message: &MessageRecord| reading.message(message).await.doing(LISTING);
    tail::follow(format, clock, start, read, view).await
}

impl Followed for MessageRecord {
    type Key = MessageSid;

    fn key(&self) -> Self::Key {
        self.message
    }

    fn state(&self) -> &'static str {
        self.status.as_str()
    }

    fn began(&self) -> Timestamp {
        self.first_seen_at
    }
}

async fn show(settings: Settings, show: Show) -> Result<(), Failure> {
    let sid = parse("the message", show.sid.trim(), MessageSid::parse)?;
    let installation = Installation::open(settings).await?;
    let found = installation.store.message_by_sid(&Scope::Operator, sid).await.doing(SHOWING)?;
    let message = found.ok_or_else(|| unknown(sid))?;
    let (story, _delivery) = reading(&installation, show.reveal.phone_numbers())
        .message_story(&message)
        .await
        .doing(SHOWING)?;
    show.format.print(&story, || story.sheet())
}

/// The error of a message that is not recorded.
fn unknown(sid: MessageSid) -> Failure {
    Failure::not_found(format!(
        "no message {sid} is recorded; a message whose request was refused is in `switchboard rejection list`"
    ))
}

/// The same through the API of a running server.
pub(in crate::command_line) async fn run_remotely(
    client: &Client,
    command: Command,
) -> Result<(), Failure> {
    match command {
        Command::List(List { filter, page }) => {
            filter.status()?;
            let list = Resource::of(&["messages"]).with_given("status", filter.status.as_deref());
            let list = filter.shared.select(client, Records::Messages, list).await?;
            let list = page.reveal.select(list);
            page.print_remote::<MessageObject>(client, &list, LISTING, EMPTY).await
        }
        Command::Show(show) => {
            let sid = parse("the message", show.sid.trim(), MessageSid::parse)?;
            let message = show.reveal.select(Resource::of(&["messages", sid.as_str()]));
            let found = client.find::<MessageStory>(&message, "message_not_found").await;
            let story = found.doing(SHOWING)?.ok_or_else(|| unknown(sid))?;
            show.format.print(&story, || story.sheet())
        }
        Command::Send(options) => message_send::run_remotely(client, options).await,
        Command::Replay(_) | Command::Tail(_) => Err(unsupported()),
    }
}

async fn replay(settings: Settings, replay: Replay) -> Result<(), Failure> {
    let Replay { sid, confirmation, format } = replay;
    let sid = parse("the message", sid.trim(), MessageSid::parse)?;
    let installation = Installation::open(settings).await?;
    let selection = ReplaySelection::Message(sid);
    super::replay::replay(&installation, &selection, confirmation, format).await
}
