//! `switchboard route replay`

use std::collections::HashMap;
use std::io::{self, BufWriter, StdoutLock, Write as _};

use clap::Args;
use switchboard_admin::objects::{
    ReplayBeforeObject, ReplayChangeObject, ReplayCountsObject, RuleObject,
};
use switchboard_application_management::routing_plans::{
    Before, PlanError, ReplayTerms, Replayed, ReplayedChange, Replaying,
};
use switchboard_domain::counted::counted;
use switchboard_domain::identifier::AgentId;
use switchboard_domain::organization::{Scope, default_organization};
use switchboard_domain::plan::Plan;
use switchboard_domain::ports::Store;
use switchboard_domain::sender::Sender;

use super::draft::Tried;
use crate::command_line::input::{given_account, parse_given};
use crate::command_line::output::{Format, ListWriter, View};
use crate::command_line::progress::{self, Done, during};
use crate::failure::{Doing as _, Failure};
use crate::installation::Installation;
use crate::settings::Settings;

const DAY: i64 = 24 * 3_600;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    switchboard route replay plan.json --plan 'Front desk' --days 7\n  \
    switchboard route replay plan.toml --number +14155550100\n  \
    switchboard route replay 'Front desk' --account AC0123456789abcdef0123456789abcdef --json\n\n\
    Without --number and --account, the command replays calls and messages to the numbers that use the saved plan, or to all numbers if no saved plan is given.\n\
    The newest calls and messages come first, and the totals at the end.\n\
    Agents are assumed to be reachable, and decision services are not called.")]
pub(in crate::command_line) struct Replay {
    #[command(flatten)]
    tried: Tried,
    /// The number of days to look back
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u16).range(1..))]
    days: u16,
    /// Only calls and messages to this number
    #[arg(long, conflicts_with = "account")]
    number: Option<String>,
    /// Only calls and messages to numbers of this account
    #[arg(long, value_name = "ACCOUNT")]
    account: Option<String>,
    #[command(flatten)]
    format: Format,
}

pub(super) async fn run(settings: Settings, replay: Replay) -> Result<(), Failure> {
    let Replay { tried, days, number, account, format } = replay;
    let number = parse_given("--number", number.as_deref(), Sender::parse_typed)?;
    let installation = Installation::open(settings).await?;
    let account = given_account(&installation, "--account", account.as_deref()).await?;
    let tried = tried.draft(&installation, format).await?;
    let now = installation.ambient.clock.now();
    let saved = tried.saved.as_ref();
    let terms = ReplayTerms {
        organization: saved.map_or_else(default_organization, |plan| plan.organization.clone()),
        from: now.plus_seconds(-i64::from(days) * DAY),
        until: now.plus_seconds(1),
        of: match (number, account, saved) {
            (Some(number), ..) => Replaying::Number(number),
            (None, Some(account), _) => Replaying::Account(account),
            (None, None, Some(plan)) => Replaying::Plan(plan.id.clone()),
            (None, None, None) => Replaying::Everything,
        },
        most: None,
    };
    let plan = &tried.draft.plan;
    let replaying = installation.replaying();
    let (mut names, mut output, done) =
        (Names::default(), ReplayWriter::new(format), Done::default());
    let report = async |changes: Vec<ReplayedChange>, counts: &Replayed| {
        done.set(counts.records());
        let mut views = Vec::with_capacity(changes.len());
        for change in &changes {
            views.push(names.change(installation.store.as_ref(), plan, change).await?);
        }
        output.page(&views).map_err(Stopped::Output)
    };
    let work = replaying.replay(&Scope::Operator, plan, &terms, report);
    let counts = match during("replaying calls and messages", &done, work).await {
        Ok(counts) => counts,
        Err(Stopped::Plan(error)) => return Err(error).doing("replaying calls and messages"),
        Err(Stopped::Output(failure)) => return Err(failure),
    };
    output.end(&ReplayCountsObject::of(&counts), days)
}

/// Why a replay stopped before its end.
enum Stopped {
    Plan(PlanError),
    Output(Failure),
}

impl From<PlanError> for Stopped {
    fn from(error: PlanError) -> Self {
        Self::Plan(error)
    }
}

impl From<Failure> for Stopped {
    fn from(failure: Failure) -> Self {
        Self::Output(failure)
    }
}

/// Prints changes page by page, and then the totals: a table and sentences, or one JSON object.
enum ReplayWriter {
    Text { listing: ListWriter<BufWriter<StdoutLock<'static>>>, format: Format },
    Json { out: BufWriter<StdoutLock<'static>>, count: u64 },
}

impl ReplayWriter {
    fn new(format: Format) -> Self {
        if format.json {
            Self::Json { out: BufWriter::new(io::stdout().lock()), count: 0 }
        } else {
            Self::Text { listing: ListWriter::stdout(format), format }
        }
    }

    fn page(&mut self, changes: &[ReplayChangeObject]) -> Result<(), Failure> {
        if changes.is_empty() {
            return Ok(());
        }
        match self {
            Self::Text { listing, .. } => {
                progress::clear();
                listing.page(changes)
            }
            Self::Json { out, count } => {
                write_changes(out, count, changes).map_err(Failure::Output)
            }
        }
    }

    fn end(self, counts: &ReplayCountsObject, days: u16) -> Result<(), Failure> {
        match self {
            Self::Text { listing, format } => {
                listing.end("no decision would change")?;
                format.print(&(), || counted_text(counts, days))
            }
            Self::Json { mut out, mut count } => {
                let written = write_changes(&mut out, &mut count, &[]).and_then(|()| {
                    let counts = serde_json::to_string(counts)?;
                    // The fields of the totals follow the changes.
                    writeln!(out, "\n],{}", counts.trim_start_matches('{'))?;
                    out.flush()
                });
                written.map_err(Failure::Output)
            }
        }
    }
}

/// Writes the next elements of the array.
fn write_changes(
    out: &mut impl io::Write,
    count: &mut u64,
    changes: &[ReplayChangeObject],
) -> io::Result<()> {
    if *count == 0 {
        out.write_all(b"{\"changes\":[")?;
    }
    for change in changes {
        out.write_all(if *count == 0 { "\n" } else { ",\n" }.as_bytes())?;
        serde_json::to_writer(&mut *out, change)?;
        *count += 1;
    }
    Ok(())
}

/// The names of agents, looked up once each.
#[derive(Default)]
struct Names(HashMap<AgentId, Option<String>>);

impl Names {
    async fn change(
        &mut self,
        store: &dyn Store,
        plan: &Plan,
        change: &ReplayedChange,
    ) -> Result<ReplayChangeObject, Failure> {
        let name = match &change.before {
            Before::Agent(id) => self.name(store, id).await?,
            Before::Action(_) | Before::UnknownAction(_) | Before::Nobody => None,
        };
        let before = ReplayBeforeObject::of(&change.before, name);
        Ok(ReplayChangeObject::of(change, plan, change.from.to_text(), before))
    }

    /// `None` if the agent was removed.
    async fn name(&mut self, store: &dyn Store, id: &AgentId) -> Result<Option<String>, Failure> {
        if let Some(name) = self.0.get(id) {
            return Ok(name.clone());
        }
        let found = store.agents().find(&Scope::Operator, id).await.doing("reading agents")?;
        let name = found.map(|agent| agent.profile.name.as_str().to_owned());
        self.0.insert(id.clone(), name.clone());
        Ok(name)
    }
}

/// The totals as sentences.
fn counted_text(counts: &ReplayCountsObject, days: u16) -> String {
    let ReplayCountsObject { calls, messages, changed, left_to_service, without_facts } = counts;
    let mut text = format!(
        "of {} and {} in the last {}, {changed} would be decided differently",
        counted(*calls, "call"),
        counted(*messages, "message"),
        counted(days, "day")
    );
    if *left_to_service > 0 {
        text.push_str("\nleft to a decision service, and not counted: ");
        text.push_str(&left_to_service.to_string());
    }
    if *without_facts > 0 {
        text.push_str(
                "\nrules by country, state, city, postal code or attestation do not match calls without a recorded location or \
                 attestation; number of these calls: ",
            );
        text.push_str(&without_facts.to_string());
    }
    text
}

impl View for ReplayChangeObject {
    const COLUMNS: &'static [&'static str] =
        &["AT", "CHANNEL", "FROM", "TO", "BEFORE", "AFTER", "BY"];

    fn cells(&self) -> Vec<String> {
        let before = match &self.before {
            ReplayBeforeObject::Known(destination) => destination.short(),
            ReplayBeforeObject::Unknown { action, .. } => action.unwrap_or("an action").to_owned(),
        };
        vec![
            self.at.clone(),
            self.channel.to_owned(),
            self.from.clone(),
            self.to.clone(),
            before,
            self.after.short(),
            RuleObject::named(self.rule.as_ref()),
        ]
    }
}
