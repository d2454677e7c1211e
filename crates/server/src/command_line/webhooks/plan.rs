//! `webhooks check` and `webhooks plan`: observed and desired configurations.

use clap::Args;
use serde::Serialize;
use switchboard_admin::objects::DecidingPlanObject;
use switchboard_application_carrier::configuration::{CheckSummary, NumberReport};
use switchboard_domain::configuration::OverridePolicy;
use switchboard_domain::counted::counted;
use switchboard_domain::organization::Scope;

use super::plan_file::{self, PlanView, PlannedView};
use super::{Look, Selected, TakeOver};
use crate::carrier_use_cases::CarrierUseCases;
use crate::command_line::output::Format;
use crate::command_line::progress::{self, Done};
use crate::failure::{Doing as _, Failure};
use crate::installation::Installation;
use crate::settings::Settings;
use crate::written_urls;

#[derive(Debug, Args)]
pub(in crate::command_line) struct PlanOptions {
    #[command(flatten)]
    selected: Selected,
    #[command(flatten)]
    take_over: TakeOver,
    /// Write the plan to this file, for `webhooks fix --plan`
    #[arg(long, value_name = "FILE")]
    out: Option<String>,
    #[command(flatten)]
    format: Format,
}

impl PlanOptions {
    /// The plan of a dry run.
    pub(super) const fn dry(selected: Selected, take_over: TakeOver, format: Format) -> Self {
        Self { selected, take_over, out: None, format }
    }
}

/// The result of a check, as JSON.
#[derive(Serialize)]
struct LookView {
    checked: usize,
    right: usize,
    drifting: usize,
    numbers: Vec<PlannedView>,
    /// Whether one number was named.
    #[serde(skip)]
    is_single: bool,
}

/// `webhooks check`.
pub(super) async fn check(settings: Settings, look: Look) -> Result<(), Failure> {
    let installation = Installation::open(settings).await?;
    let (summary, reports) = see(&installation, &look.selected, OverridePolicy::Report).await?;
    let view = LookView::of(summary, reports, &look.selected);
    look.format.print(&view, || {
        let lines = view.lines(PlannedView::line);
        match view.drifting {
            0 => lines,
            _ => format!("{lines}; `switchboard webhooks plan` shows the differences"),
        }
    })?;
    end(summary)
}

/// `webhooks plan`.
pub(super) async fn run(settings: Settings, plan: PlanOptions) -> Result<(), Failure> {
    let installation = Installation::open(settings).await?;
    written_urls::must_be_the_servers(&installation).await?;
    let overrides = plan.take_over.overrides();
    let (summary, reports) = see(&installation, &plan.selected, overrides).await?;
    if let Some(path) = &plan.out {
        plan_file::write(path, &PlanView::of(reports.clone()))?;
    }
    let view = LookView::of(summary, reports, &plan.selected);
    plan.format.print(&view, || view.lines(PlannedView::paragraph))?;
    end(summary)
}

pub(super) async fn see(
    installation: &Installation,
    selected: &Selected,
    overrides: OverridePolicy,
) -> Result<(CheckSummary, Vec<PlannedView>), Failure> {
    let selection = selected.selection(installation).await?;
    let check = CarrierUseCases::of(installation).await?.check();
    let mut reports = Vec::new();
    let done = Done::default();
    let mut seen = |report: NumberReport| {
        done.add(1);
        if !report.drift.is_none() {
            reports.push(report);
        }
    };
    let checking = check.check(&Scope::Operator, selection, overrides, &mut seen);
    let summary = progress::during("checking numbers at Twilio", &done, checking).await;
    let summary = summary.doing("checking webhook configurations")?;
    reports.sort_by_key(|report| report.configured.number.sender);
    let mut answerers = installation.answerers();
    let mut views = Vec::with_capacity(reports.len());
    for report in &reports {
        let answerer = answerers.of(&report.configured).await.doing("reading routing plans")?;
        let plan = answerer.plan.as_ref().map(DecidingPlanObject::of);
        views.push(PlannedView::of(report, plan));
    }
    Ok((summary, views))
}

/// Drift has an exit code of its own.
const fn end(summary: CheckSummary) -> Result<(), Failure> {
    if summary.drifting == 0 { Ok(()) } else { Err(Failure::Drift) }
}

impl LookView {
    const fn of(summary: CheckSummary, numbers: Vec<PlannedView>, selected: &Selected) -> Self {
        Self {
            is_single: selected.number.is_some(),
            checked: summary.numbers,
            right: summary.numbers - summary.drifting,
            drifting: summary.drifting,
            numbers,
        }
    }

    fn lines(&self, shown: impl Fn(&PlannedView) -> String) -> String {
        let mut lines: Vec<String> = self.numbers.iter().map(shown).collect();
        let fields: usize = self.numbers.iter().map(|number| number.changes.len()).sum();
        let blocked = self.numbers.iter().filter(|number| !number.blockers.is_empty()).count();
        lines.push(match (self.checked, self.drifting) {
            (0, _) if self.is_single => {
                "the number has no agent and no routing plan, so nothing is configured; use `switchboard number assign` or `switchboard route attach`".to_owned()
            }
            (0, _) => {
                "no number has an agent or a routing plan yet; use `switchboard number assign` or `switchboard route attach`".to_owned()
            }
            (1, 0) => "the number is configured correctly".to_owned(),
            (checked, 0) => format!("all {checked} numbers are configured correctly"),
            (checked, drifting) => format!(
                "{drifting} of {} differ: {} to change, {} blocked",
                counted(checked, "number"),
                counted(fields, "field"),
                counted(blocked, "number")
            ),
        });
        lines.join("\n")
    }
}
