//! `switchboard call …`

use std::collections::HashMap;

use clap::{Args, Subcommand};
use switchboard_admin::CursorScope;
use switchboard_domain::call::{CallRecord, Outcome, TimelineEntry, TimelineEvent};
use switchboard_domain::history::RejectionFilter;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{Page, StoreError};
use switchboard_domain::routing::Reason;
use switchboard_domain::sid::CallSid;
use switchboard_domain::time::Timestamp;

use super::filters::{FilterOptions, Records, followed_since, one_of};
use super::names::Names;
use super::pages::PageOptions;
use super::tail::{self, Followed};
use super::unused_plan;
use crate::command_line::input::{parse, parse_given};
use crate::command_line::output::Format;
use crate::command_line::remedies;
use crate::command_line::view::{CallStory, CallView, DecidedView, instant};
use crate::failure::{Doing as _, Failure};
use crate::installation::Installation;
use crate::settings::Settings;

const LISTING: &str = "listing calls";
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

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  switchboard call list --since 24h --outcome unanswered\n  \
    switchboard call list --to +14155550100 --agent Sales --reveal\n  \
    switchboard call list --since 2026-11-28 --until 2026-11-29 --limit 1000 --json\n\n\
    Outcomes: in_progress, answered, fell_back, unanswered, rejected, failed.")]
pub(in crate::command_line) struct List {
    #[command(flatten)]
    filter: FilterOptions,
    /// Only calls with this outcome
    #[arg(long)]
    outcome: Option<String>,
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
    /// Show full phone numbers
    #[arg(long)]
    reveal: bool,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  switchboard call tail\n  \
    switchboard call tail --agent Sales --since 1h --json\n\n\
    Runs until you stop it or the reader closes the pipe.")]
pub(in crate::command_line) struct Tail {
    #[command(flatten)]
    filter: FilterOptions,
    /// Show full phone numbers
    #[arg(long)]
    reveal: bool,
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

async fn list(settings: Settings, list: List) -> Result<(), Failure> {
    let List { filter, outcome, page: options } = list;
    let outcome = parse_given("--outcome", outcome.as_deref(), |text| {
        Outcome::parse(text).ok_or_else(|| one_of(Outcome::ALL.map(Outcome::as_str)))
    })?;
    let cursors = CursorScope::new("calls", &format!("{filter:?} {outcome:?}"));
    let after = parse_given("--cursor", options.cursor.as_deref(), |text| {
        cursors.place(text, |key| CallSid::parse(key).ok())
    })?;
    let installation = Installation::open(settings).await?;
    let filter = filter.filter(&installation, Records::Calls, outcome).await?;
    let mut names = Names::new(installation.store.as_ref());
    let read = async |page| {
        let found = installation.store.newest_calls(&Scope::Operator, &filter, &page).await;
        let mut entries = Vec::new();
        for call in found.doing(LISTING)? {
            let view = view(&mut names, &call, options.reveal).await.doing(LISTING)?;
            entries.push(((call.first_seen_at, call.call), view));
        }
        Ok(entries)
    };
    options.print(&cursors, after, "no calls match", read).await
}

async fn tail(settings: Settings, tail: Tail) -> Result<(), Failure> {
    let Tail { filter, reveal, format } = tail;
    let installation = Installation::open(settings).await?;
    let mut filter = filter.filter(&installation, Records::Calls, None).await?;
    let since = followed_since(filter.period, installation.ambient.clock.now())?;
    let mut names = Names::new(installation.store.as_ref());
    let read = async |since| {
        filter.period.since = Some(since);
        let page = Page::first(tail::MOST);
        let found = installation.store.newest_calls(&Scope::Operator, &filter, &page).await;
        found.doing(LISTING)
    };
    let view = async |call: &CallRecord| view(&mut names, call, reveal).await.doing(LISTING);
    tail::follow(format, since, read, view).await
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
    let mut names = Names::new(installation.store.as_ref());
    let mut story = story(&mut names, &call, &timeline).await.doing(SHOWING)?;
    if call.decision.as_ref().is_some_and(|decision| {
        matches!(
            decision.reason,
            Reason::AgentDisabled | Reason::NoVoiceTarget | Reason::ChannelOff
        )
    }) {
        story.idle_agent = names.assigned(call.to.as_ref()).await.doing(SHOWING)?;
    }
    let view = CallView::of(story, show.reveal);
    let explained = installation.explaining().recorded_call(&Scope::Operator, &call).await;
    let explanation = explained.doing(SHOWING)?;
    let plan = explanation.and_then(|explanation| explanation.plan);
    let mut view = view.with_rules(plan.as_ref().map(DecidedView::of).as_ref());
    if let Some(unused) = unused_plan::of(&installation, &call).await? {
        view = view.with_unused_plan(unused.detail, unused.remedy);
    }
    show.format.print(&view, || view.sheet())
}

/// A call in a list: what its record tells.
async fn view(
    names: &mut Names<'_>,
    call: &CallRecord,
    reveal: bool,
) -> Result<CallView, StoreError> {
    Ok(CallView::of(story(names, call, &[]).await?, reveal))
}

/// A call with the names of what it refers to.
async fn story<'a>(
    names: &mut Names<'_>,
    call: &'a CallRecord,
    timeline: &'a [TimelineEntry],
) -> Result<CallStory<'a>, StoreError> {
    let decision = call.decision.as_ref();
    let mut skipped = HashMap::new();
    for entry in timeline {
        if let TimelineEvent::AgentSkipped { agent, .. } = &entry.event {
            skipped.insert(agent.clone(), names.agent(agent).await?);
        }
    }
    Ok(CallStory {
        call,
        timeline,
        agent: names.agent_of(decision.and_then(|decision| decision.agent.as_ref())).await?,
        plan: names.plan_of(decision.and_then(|decision| decision.rule.as_ref())).await?,
        tried: names.tried(call).await?,
        skipped,
        idle_agent: None,
        is_outbound: names.is_outbound(call.from.as_ref(), call.to.as_ref()).await?,
    })
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
    Ok(Failure::not_found(match refused {
        Some(rejection) => format!(
            "no call {sid} is recorded: its request was refused at {}, because {}; {}",
            instant(rejection.at),
            remedies::refusal_meaning(rejection.refusal),
            remedies::refusal(rejection)
        ),
        None => format!(
            "no call {sid} is recorded; see `switchboard rejection list` for refused requests, and `switchboard webhooks check` for numbers whose calls do not reach this server"
        ),
    }))
}
