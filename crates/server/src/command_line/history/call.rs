//! `switchboard call …`

pub(in crate::command_line) mod remote;

use clap::{Args, Subcommand};
use switchboard_admin::CursorScope;
use switchboard_admin::objects::{CallObject, RejectionObject};
use switchboard_domain::call::{CallRecord, Outcome};
use switchboard_domain::history::{HistoryFilter, Records, RejectionFilter};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::Page;
use switchboard_domain::sid::CallSid;
use switchboard_domain::time::Timestamp;

use super::filters::{FilterOptions, one_of, start};
use super::followed::Followed;
use super::pages::PageOptions;
use super::reading;
use super::reveal::Reveal;
use super::tail;
use crate::command_line::input::{parse, parse_given};
use crate::command_line::output::Format;
use crate::command_line::view::CallView;
use crate::command_line::wording::CommandLineWording;
use crate::failure::{Doing as _, Failure};
use crate::installation::Installation;
use crate::settings::Settings;

const LISTING: &str = "listing calls";
/// What is printed for an empty list.
const EMPTY: &str = "no calls match";
const SHOWING: &str = "showing the call";
/// How many of the latest rejections are searched for a call that is not recorded.
const SEARCHED_REJECTIONS: u32 = 500;

#[derive(Debug, Subcommand)]
pub(in crate::command_line) enum Command {
    /// List calls, newest first
    #[command(visible_alias = "ls")]
    List(List),
    /// Show what happened to a call, and what to do about it
    Show(Show),
    /// Follow calls: print each call when it begins and when its outcome changes
    Tail(Tail),
}

/// What selects calls.
#[derive(Clone, Debug, Args)]
struct CallFilterOptions {
    #[command(flatten)]
    shared: FilterOptions,
    /// Only calls with this outcome
    #[arg(long)]
    outcome: Option<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  switchboard call list --since 24h --outcome unanswered\n  \
    switchboard call list --to +14155550100 --agent Sales --reveal\n  \
    switchboard call list --since 2026-11-28 --until 2026-11-29 --limit 1000 --json\n\n\
    Outcomes: in_progress, answered, fell_back, unanswered, rejected, failed.")]
pub(in crate::command_line) struct List {
    #[command(flatten)]
    filter: CallFilterOptions,
    #[command(flatten)]
    page: PageOptions,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  switchboard call show CA0123456789abcdef0123456789abcdef --reveal"
)]
pub(in crate::command_line) struct Show {
    /// The SID of the call
    #[arg(value_name = "CA…")]
    sid: String,
    #[command(flatten)]
    reveal: Reveal,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
#[command(after_help = tail::help(
    "Examples:\n  switchboard call tail\n  switchboard call tail --agent Sales --since 1h --json\n  \
        switchboard call tail --outcome failed",
    "call",
    Some("outcome"),
))]
pub(in crate::command_line) struct Tail {
    #[command(flatten)]
    filter: CallFilterOptions,
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
        Command::Tail(tail) => self::tail(settings, tail).await,
    }
}

impl CallFilterOptions {
    fn outcome(&self) -> Result<Option<Outcome>, Failure> {
        parse_given("--outcome", self.outcome.as_deref(), |text| {
            Outcome::parse(text).ok_or_else(|| one_of(Outcome::ALL.map(Outcome::as_str)))
        })
    }

    async fn filter(&self, installation: &Installation) -> Result<HistoryFilter, Failure> {
        let outcome = self.outcome()?;
        let filter = self.shared.filter(installation, Records::Calls).await?;
        Ok(HistoryFilter { outcome, ..filter })
    }
}

async fn list(settings: Settings, list: List) -> Result<(), Failure> {
    let List { filter, page: options } = list;
    let cursors = CursorScope::new("calls", &format!("{filter:?}"));
    let after = parse_given("--cursor", options.cursor.as_deref(), |text| {
        cursors.place(text, |key| CallSid::parse(key).ok())
    })?;
    let installation = Installation::open(settings).await?;
    let filter = filter.filter(&installation).await?;
    let mut reading = reading(&installation, options.reveal.phone_numbers());
    let read = async |page| {
        let found = installation.store.newest_calls(&Scope::Operator, &filter, &page).await;
        let mut entries = Vec::new();
        for call in found.doing(LISTING)? {
            let story = reading.call(&call, &[]).await.doing(LISTING)?;
            let view = CallObject::of(&story, options.reveal.phone_numbers(), &CommandLineWording);
            entries.push(((call.first_seen_at, call.call), view));
        }
        Ok(entries)
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
        let found = installation.store.oldest_calls(&Scope::Operator, &filter, &page).await;
        found.doing(LISTING)
    };
    let view = async |call: &CallRecord| {
        let story = reading.call(call, &[]).await.doing(LISTING)?;
        Ok(CallObject::of(&story, reveal.phone_numbers(), &CommandLineWording))
    };
    tail::follow(format, clock, start, read, view).await
}

impl Followed for CallRecord {
    type Key = CallSid;

    fn key(&self) -> Self::Key {
        self.call
    }

    fn state(&self) -> &'static str {
        self.outcome().as_str()
    }

    fn began(&self) -> Timestamp {
        self.first_seen_at
    }
}

async fn show(settings: Settings, show: Show) -> Result<(), Failure> {
    let sid = parse("the call", show.sid.trim(), CallSid::parse)?;
    let installation = Installation::open(settings).await?;
    let found = installation.store.call_by_sid(&Scope::Operator, sid).await.doing(SHOWING)?;
    let Some(call) = found else { return Err(not_recorded(&installation, sid).await?) };
    let timeline = installation.store.timeline();
    let timeline = timeline.of_call(&Scope::Operator, call.account, sid).await.doing(SHOWING)?;
    let (explaining, plans) = (installation.explaining(), installation.plans());
    let mut reading = reading(&installation, show.reveal.phone_numbers());
    let story = reading.whole_call(&call, &timeline, &explaining, &plans).await.doing(SHOWING)?;
    let view = CallView::of(story, show.reveal.phone_numbers());
    show.format.print(&view, || view.sheet())
}

/// Where a call that is not recorded may be found.
async fn not_recorded(installation: &Installation, sid: CallSid) -> Result<Failure, Failure> {
    let filter = RejectionFilter::default();
    let latest = Page::first(SEARCHED_REJECTIONS);
    let found = installation.store.newest_rejections(&Scope::Operator, &filter, &latest).await;
    let found = found.doing(SHOWING)?;
    let refused = found
        .iter()
        .find(|rejection| rejection.sample.is_some_and(|sample| sample.as_str() == sid.as_str()));
    let refused = refused.map(|rejection| RejectionObject::of(rejection, &CommandLineWording));
    Ok(unknown(sid, refused.as_ref()))
}

/// The error of a call that is not recorded, and perhaps of its refused request.
fn unknown(sid: CallSid, refused: Option<&RejectionObject>) -> Failure {
    Failure::not_found(match refused {
        Some(RejectionObject { at, explanation, remedy, .. }) => format!(
            "no call {sid} is recorded: its request was refused at {at}, because {explanation}; {remedy}"
        ),
        None => format!(
            "no call {sid} is recorded; see `switchboard rejection list` for refused requests, and `switchboard webhooks check` for numbers whose calls do not reach this server"
        ),
    })
}
