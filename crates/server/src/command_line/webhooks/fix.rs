//! `webhooks fix`.

use std::io::{IsTerminal as _, Write as _};

use clap::Args;
use serde::Serialize;
use switchboard_application_carrier::configuration::{FixProgress, FixSummary, Fixed, Mismatch};
use switchboard_domain::configuration::DriftReason;
use switchboard_domain::number::RepairPolicy;
use switchboard_domain::organization::Scope;
use switchboard_domain::phone_number::PhoneNumber;

use super::plan_file::{self, ChangeView, explained, shown};
use super::{Selected, TakeOver, plan};
use crate::command_line::carrier_use_cases::AtCarrier;
use crate::command_line::open::Installation;
use crate::command_line::output::Format;
use crate::command_line::remedies;
use crate::failure::Failure;
use crate::settings::Settings;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  switchboard webhooks fix --dry-run\n  switchboard webhooks fix\n  \
    switchboard webhooks fix +14155550100 --take-over\n  switchboard webhooks plan --out plan.json; switchboard webhooks fix --plan plan.json\n\n\
    What was there before is kept, and comes back with `switchboard number unassign` or `switchboard webhooks restore`.\n\
    Interrupted, it goes on where it was when it is called again."
)]
pub(in crate::command_line) struct Fix {
    #[command(flatten)]
    selected: Selected,
    #[command(flatten)]
    take_over: TakeOver,
    /// Write what this plan says, and nothing that is not as it saw it
    #[arg(long, value_name = "FILE", conflicts_with_all = ["dry_run", "take_over"])]
    plan: Option<String>,
    /// Change nothing; show what would be changed
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    format: Format,
}

pub(super) async fn run(settings: Settings, fix: Fix) -> Result<(), Failure> {
    let Fix { selected, take_over, plan, dry_run, format } = fix;
    if dry_run {
        return plan::run(settings, plan::Plan::dry(selected, take_over, format)).await;
    }
    let plan = plan.as_deref().map(plan_file::read).transpose()?;
    let selection = selected.selection()?;
    let installation = Installation::open(settings).await?;
    let fixing = AtCarrier::of(&installation).await?.fix();
    let mut progress = Progress::new(format);
    let policies = &RepairPolicy::ALL;
    let overrides = take_over.overrides();
    let summary =
        fixing.fix(&Scope::Operator, selection, overrides, policies, plan, &mut progress).await?;
    progress.end(summary)?;
    if summary.left == 0 { Ok(()) } else { Err(Failure::Drift) }
}

/// What became of one number, for programs.
#[derive(Serialize)]
struct FixedView {
    phone_number: String,
    outcome: &'static str,
    changes: Vec<ChangeView>,
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

/// All of it, for programs.
#[derive(Serialize)]
struct SummaryView<'a> {
    checked: usize,
    changed: usize,
    fields: usize,
    left: usize,
    numbers: &'a [FixedView],
}

/// Tells what is done while it is done: a bar on a terminal, lines elsewhere.
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
        // Nobody is left to be told when standard error is closed.
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
        Ok(self.format.print(&view, || {
            format!("{numbers} numbers looked at: {changed} changed ({fields} fields), {left} not as they should be")
        })?)
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
                // Each number is told as it is done, so that an interruption leaves a trace of what was.
                let _written = writeln!(std::io::stdout(), "{}", view.lines());
            }
            self.views.push(view);
        }
        self.bar();
    }
}

impl FixedView {
    /// What is worth telling; a number that was right is not.
    fn of(fixed: &Fixed) -> Option<Self> {
        let view = |number: &PhoneNumber, outcome| Self {
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
                changes: changes.iter().map(ChangeView::of).collect(),
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
        let mut lines = vec![format!("{}  {}", self.phone_number, self.told())];
        let width = self.changes.iter().map(ChangeView::width).max().unwrap_or_default();
        lines.extend(self.changes.iter().map(|change| change.line(width)));
        lines.extend(self.mismatches.iter().map(MismatchView::line));
        if let Some(error) = &self.error {
            lines.push(format!("    ! {error}"));
        }
        lines.join("\n")
    }

    fn told(&self) -> String {
        match self.outcome {
            "written" if self.changes.is_empty() => self.reasons.join(", "),
            "written" => "changed".to_owned(),
            "changed_meanwhile" => {
                "not changed: somebody else changed it since the plan was made".to_owned()
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
        let now = self.now.as_deref().map_or_else(|| "(gone)".to_owned(), shown);
        format!(
            "    {}  the plan saw {} and would write {}; now it is {now}",
            self.field,
            shown(&self.planned_from),
            shown(&self.planned_to)
        )
    }
}
