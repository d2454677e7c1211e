//! `webhooks fix`.

use std::io::{IsTerminal as _, Write as _};

use clap::Args;
use switchboard_admin::objects::{FixResultObject, FixedObject, MismatchObject};
use switchboard_application_carrier::configuration::{FixProgress, FixSummary, Fixed, Selection};
use switchboard_domain::counted::counted;
use switchboard_domain::number::RepairPolicy;

use super::plan_file::{self, change_lines, shown};
use super::{Selected, TakeOver, plan};
use crate::carrier_use_cases::CarrierUseCases;
use crate::command_line::confirmation::Confirmation;
use crate::command_line::output::Format;
use crate::command_line::wording::CommandLineWording;
use crate::failure::{Doing as _, Failure};
use crate::installation::Installation;
use crate::settings::Settings;
use crate::written_urls;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  switchboard webhooks fix --dry-run\n  switchboard webhooks fix --yes\n  \
    switchboard webhooks fix +14155550100 --take-over\n  switchboard webhooks plan --out plan.json; switchboard webhooks fix --plan plan.json\n\n\
    The previous configuration is saved; `switchboard number unassign` and `switchboard webhooks restore` restore it.\n\
    If interrupted, run the command again to continue."
)]
pub(in crate::command_line) struct Fix {
    #[command(flatten)]
    selected: Selected,
    #[command(flatten)]
    take_over: TakeOver,
    /// Apply this plan; numbers whose fields have changed since the plan was made stay unchanged
    #[arg(long, value_name = "FILE", conflicts_with_all = ["dry_run", "take_over"])]
    plan: Option<String>,
    #[command(flatten)]
    confirmation: Confirmation,
    #[command(flatten)]
    format: Format,
}

pub(super) async fn run(settings: Settings, fix: Fix) -> Result<(), Failure> {
    let Fix { selected, take_over, plan, confirmation, format } = fix;
    if confirmation.is_dry_run() {
        return plan::run(settings, plan::PlanOptions::dry(selected, take_over, format)).await;
    }
    let plan = plan.as_deref().map(plan_file::read).transpose()?;
    let installation = Installation::open(settings).await?;
    let selection = selected.selection(&installation).await?;
    written_urls::may_be_written(&installation).await?;
    // A single number and a plan in a file were chosen on purpose.
    let is_chosen = plan.is_some() || matches!(selection, Selection::Number(_));
    if !is_chosen && !confirmation.is_given() {
        confirm(&installation, &selected, take_over, confirmation, format).await?;
    }
    let fixing = CarrierUseCases::of(&installation).await?.fix();
    let mut progress = Progress::new(format);
    let policies = &RepairPolicy::ALL;
    let overrides = take_over.overrides();
    let summary = fixing
        .fix(&installation.author(), selection, overrides, policies, plan, &mut progress)
        .await;
    let summary = summary.doing("fixing webhook configurations")?;
    progress.end(summary)?;
    if summary.left == 0 { Ok(()) } else { Err(Failure::Drift) }
}

/// Asks whether the configuration of more than one number is to be changed.
async fn confirm(
    installation: &Installation,
    selected: &Selected,
    take_over: TakeOver,
    confirmation: Confirmation,
    format: Format,
) -> Result<(), Failure> {
    let (_, reports) = plan::see(installation, selected, take_over.overrides()).await?;
    let changing: Vec<_> = reports.iter().filter(|report| !report.changes.is_empty()).collect();
    if changing.len() < 2 {
        return Ok(());
    }
    let fields: usize = changing.iter().map(|report| report.changes.len()).sum();
    let mut impact = Vec::new();
    if std::io::stderr().is_terminal() {
        impact.extend(changing.iter().map(|report| report.paragraph()));
    }
    impact.push(format!(
        "the webhook configuration of {} changes at Twilio ({}); calls and messages then go to {:?}",
        counted(changing.len(), "number"),
        counted(fields, "field"),
        installation.settings.public_urls.first
    ));
    confirmation.allows(&impact, format).map(drop)
}

/// Shows the progress: a bar on a terminal, lines elsewhere.
struct Progress {
    format: Format,
    is_terminal: bool,
    total: usize,
    done: usize,
    results: Vec<FixedObject>,
}

impl Progress {
    fn new(format: Format) -> Self {
        let is_terminal = std::io::stderr().is_terminal();
        Self { format, is_terminal, total: 0, done: 0, results: Vec::new() }
    }

    fn bar(&self) {
        const WIDTH: usize = 30;
        if !self.is_terminal || self.total == 0 {
            return;
        }
        let filled = WIDTH * self.done / self.total;
        // If standard error is closed, there is nowhere to report that.
        let _written = write!(
            std::io::stderr(),
            "\r[{}{}] {}/{}",
            "#".repeat(filled),
            " ".repeat(WIDTH - filled),
            self.done,
            self.total
        );
    }

    fn end(self, summary: FixSummary) -> Result<(), Failure> {
        if self.is_terminal && self.total > 0 {
            let _written = writeln!(std::io::stderr());
        }
        let result = FixResultObject::of(&summary, self.results);
        self.format.print(&result, || {
            format!(
                "checked {}: {} changed ({}), {} still different",
                counted(result.checked, "number"),
                result.changed,
                counted(result.fields, "field"),
                result.left
            )
        })
    }
}

impl FixProgress for Progress {
    fn begun(&mut self, numbers: usize) {
        self.total = numbers;
        self.bar();
    }

    fn done(&mut self, fixed: Fixed) {
        if !matches!(fixed, Fixed::Left { .. }) {
            self.done = (self.done + 1).min(self.total);
        }
        if let Some(result) = FixedObject::of(&fixed, &CommandLineWording) {
            if !self.format.json {
                if self.is_terminal {
                    let _written = write!(std::io::stderr(), "\r\x1b[K");
                }
                // Each number is printed at once, so that an interrupted run shows what was done.
                let _written = writeln!(std::io::stdout(), "{}", lines(&result));
            }
            self.results.push(result);
        }
        self.bar();
    }
}

/// A result, for people.
fn lines(fixed: &FixedObject) -> String {
    let mut lines = vec![format!("{}  {}", fixed.phone_number, outcome(fixed))];
    lines.extend(change_lines(&fixed.changes));
    lines.extend(fixed.mismatches.iter().map(mismatch_line));
    if let Some(error) = &fixed.error {
        lines.push(format!("    ! {error}"));
    }
    lines.join("\n")
}

fn outcome(fixed: &FixedObject) -> String {
    match &*fixed.outcome {
        "written" if fixed.changes.is_empty() => fixed.reasons.join(", "),
        "written" => "changed".to_owned(),
        "changed_meanwhile" => {
            "not changed: it was changed at Twilio after the plan was made".to_owned()
        }
        "failed" => "failed".to_owned(),
        _ => fixed.reasons.join(", "),
    }
}

fn mismatch_line(mismatch: &MismatchObject) -> String {
    let now = mismatch.now.as_deref().map_or_else(|| "(removed)".to_owned(), shown);
    format!(
        "    {}  planned {} → {}; now it is {now}",
        mismatch.field,
        shown(&mismatch.planned_from),
        shown(&mismatch.planned_to)
    )
}
