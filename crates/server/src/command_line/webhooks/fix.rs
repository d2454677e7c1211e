//! `webhooks fix`.

use std::io::{IsTerminal as _, Write as _};

use clap::Args;
use serde::Serialize;
use switchboard_admin::objects::ChangeObject;
use switchboard_application_carrier::configuration::{
    FixProgress, FixSummary, Fixed, Mismatch, Selection,
};
use switchboard_domain::configuration::DriftReason;
use switchboard_domain::counted::counted;
use switchboard_domain::number::RepairPolicy;
use switchboard_domain::sender::Sender;

use super::plan_file::{self, change_lines, explained, shown};
use super::{Selected, TakeOver, plan};
use crate::carrier_use_cases::CarrierUseCases;
use crate::command_line::confirmation::Confirmation;
use crate::command_line::output::Format;
use crate::command_line::remedies;
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

/// The result for one number, as JSON.
#[derive(Serialize)]
struct FixedView {
    phone_number: String,
    outcome: &'static str,
    changes: Vec<ChangeObject>,
    mismatches: Vec<MismatchView>,
    reasons: Vec<&'static str>,
    error: Option<String>,
}

#[derive(Serialize)]
struct MismatchView {
    field: String,
    planned_from: String,
    planned_to: String,
    now: Option<String>,
}

/// All results, as JSON.
#[derive(Serialize)]
struct SummaryView<'a> {
    checked: usize,
    changed: usize,
    fields: usize,
    left: usize,
    numbers: &'a [FixedView],
}

/// Shows the progress: a bar on a terminal, lines elsewhere.
struct Progress {
    format: Format,
    is_terminal: bool,
    total: usize,
    done: usize,
    views: Vec<FixedView>,
}

impl Progress {
    fn new(format: Format) -> Self {
        let is_terminal = std::io::stderr().is_terminal();
        Self { format, is_terminal, total: 0, done: 0, views: Vec::new() }
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
        let FixSummary { numbers, changed, fields, left } = summary;
        let view = SummaryView { checked: numbers, changed, fields, left, numbers: &self.views };
        self.format.print(&view, || {
            format!(
                "checked {}: {changed} changed ({}), {left} still different",
                counted(numbers, "number"),
                counted(fields, "field")
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
        if let Some(view) = FixedView::of(&fixed) {
            if !self.format.json {
                if self.is_terminal {
                    let _written = write!(std::io::stderr(), "\r\x1b[K");
                }
                // Each number is printed at once, so that an interrupted run shows what was done.
                let _written = writeln!(std::io::stdout(), "{}", view.lines());
            }
            self.views.push(view);
        }
        self.bar();
    }
}

impl FixedView {
    /// `None` for a number that needed no change.
    fn of(fixed: &Fixed) -> Option<Self> {
        let view = |number: &Sender, outcome| Self {
            phone_number: number.as_str().to_owned(),
            outcome,
            changes: Vec::new(),
            mismatches: Vec::new(),
            reasons: Vec::new(),
            error: None,
        };
        Some(match fixed {
            Fixed::Written { changes, blockers, .. }
                if changes.is_empty() && blockers.is_empty() =>
            {
                return None;
            }
            Fixed::Written { number, changes, blockers } => Self {
                changes: changes.iter().map(ChangeObject::of).collect(),
                reasons: blockers.iter().map(|blocker| blocker.reason.as_str()).collect(),
                error: blockers.first().map(explained),
                ..view(number, "written")
            },
            Fixed::Left { number, drift } => Self {
                reasons: drift.reasons().into_iter().map(DriftReason::as_str).collect(),
                error: drift.blockers.first().map(explained),
                ..view(number, "left")
            },
            Fixed::Changed { number, mismatches } => Self {
                mismatches: mismatches.iter().map(MismatchView::of).collect(),
                ..view(number, "changed_meanwhile")
            },
            Fixed::Failed { number, error } => {
                Self { error: Some(remedies::sentence(error)), ..view(number, "failed") }
            }
        })
    }

    fn lines(&self) -> String {
        let mut lines = vec![format!("{}  {}", self.phone_number, self.result())];
        lines.extend(change_lines(&self.changes));
        lines.extend(self.mismatches.iter().map(MismatchView::line));
        if let Some(error) = &self.error {
            lines.push(format!("    ! {error}"));
        }
        lines.join("\n")
    }

    fn result(&self) -> String {
        match self.outcome {
            "written" if self.changes.is_empty() => self.reasons.join(", "),
            "written" => "changed".to_owned(),
            "changed_meanwhile" => {
                "not changed: it was changed at Twilio after the plan was made".to_owned()
            }
            "failed" => "failed".to_owned(),
            _ => self.reasons.join(", "),
        }
    }
}

impl MismatchView {
    fn of(mismatch: &Mismatch) -> Self {
        Self {
            field: mismatch.field.to_string(),
            planned_from: mismatch.planned_from.clone(),
            planned_to: mismatch.planned_to.clone(),
            now: mismatch.now.clone(),
        }
    }

    fn line(&self) -> String {
        let now = self.now.as_deref().map_or_else(|| "(removed)".to_owned(), shown);
        format!(
            "    {}  planned {} → {}; now it is {now}",
            self.field,
            shown(&self.planned_from),
            shown(&self.planned_to)
        )
    }
}
