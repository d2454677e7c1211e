//! Compares a plan with the current drift, to write only changes that are still wanted.

use std::collections::{HashMap, HashSet};

use switchboard_domain::configuration::{Blocker, Configuration, Drift, FieldChange};
use switchboard_domain::sender::Sender;
use switchboard_domain::sid::AccountSid;

use super::worklist::{Task, Worklist};
use super::{ConfigurationError, Fixed, NumberReport, Selection};

/// The planned changes of one number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedNumber {
    /// The number to change.
    pub sender: Sender,
    /// The account that owned the number when the plan was made.
    pub account: AccountSid,
    /// The fields to write.
    pub changes: Vec<FieldChange>,
}

impl Worklist {
    /// The work of a plan, limited to a selection. `reports` are the drifting numbers, checked with
    /// [`OverridePolicy::TakeOver`](switchboard_domain::configuration::OverridePolicy::TakeOver); `correct` are the
    /// numbers without drift.
    pub(super) fn of_plan(
        plan: Vec<PlannedNumber>,
        selection: Selection,
        reports: Vec<NumberReport>,
        correct: &HashSet<Sender>,
    ) -> Self {
        let by_number = |report: NumberReport| (report.configured.number.sender, report);
        let mut drifting: HashMap<Sender, NumberReport> =
            reports.into_iter().map(by_number).collect();
        let mut worklist = Self::default();
        for planned in plan.into_iter().filter(|planned| is_selected(selection, planned)) {
            let number = planned.sender;
            match drifting.remove(&number) {
                Some(report) => worklist.add(planned, report),
                None if correct.contains(&number) => {}
                None => worklist.skipped.push(outdated(number, "is no longer assigned here")),
            }
        }
        worklist.unplanned = drifting.len();
        worklist
    }

    /// Adds a planned number that drifts.
    fn add(&mut self, planned: PlannedNumber, report: NumberReport) {
        let PlannedNumber { sender: number, account, changes } = planned;
        let NumberReport { configured, drift, observed } = report;
        if configured.number.account != account {
            self.skipped.push(outdated(number, "belongs to another account than in the plan"));
            return;
        }
        let Some(observed) = observed else {
            self.skipped.push(Fixed::Left { number, drift });
            return;
        };
        let current = observed.configuration();
        if changes.iter().any(|change| is_unwanted(change, &current, &drift)) {
            self.skipped.push(outdated(number, "needs other changes than those of the plan"));
            return;
        }
        let blockers = remaining(&changes, drift);
        self.tasks.push(Task { configured, observed, changes, blockers });
    }
}

fn is_selected(selection: Selection, planned: &PlannedNumber) -> bool {
    match selection {
        Selection::All => true,
        Selection::Account(account) => planned.account == account,
        Selection::Number(number) => planned.sender == number,
    }
}

/// Whether a change could still be written, but would write a value that is no longer desired.
fn is_unwanted(change: &FieldChange, current: &Configuration, drift: &Drift) -> bool {
    let is_wanted = |now: &FieldChange| now.field == change.field && now.to == change.to;
    current.get(change.field) == Some(&*change.from) && !drift.changes.iter().any(is_wanted)
}

/// The drift that remains after the changes of a plan.
fn remaining(changes: &[FieldChange], drift: Drift) -> Vec<Blocker> {
    let is_planned =
        |change: &FieldChange| changes.iter().any(|planned| planned.field == change.field);
    let unplanned = drift.changes.into_iter().filter(|change| !is_planned(change));
    let unplanned = unplanned.map(|change| {
        let detail = format!("{} differs, and the plan does not change it", change.field);
        Blocker { reason: change.reason, detail }
    });
    drift.blockers.into_iter().chain(unplanned).collect()
}

const fn outdated(number: Sender, what: &'static str) -> Fixed {
    Fixed::Failed { number, error: ConfigurationError::Outdated { number, what } }
}
