//! What a plan that was made earlier still says of numbers now.

use std::collections::{HashMap, HashSet};

use switchboard_domain::configuration::{Blocker, Configuration, Drift, FieldChange};
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::sid::AccountSid;

use super::fix::{Agenda, Fixed, Task};
use super::{ConfigurationError, NumberReport, Selection};

/// What a plan says of one number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedNumber {
    /// The number.
    pub phone_number: PhoneNumber,
    /// The account that owned it when the plan was made.
    pub account: AccountSid,
    /// What is to be written.
    pub changes: Vec<FieldChange>,
}

/// What is to be done of a plan, as far as it is about a selection. `reports` tell what is wrong there with everything
/// cleared that can be, `right` which numbers are as they should be.
pub(super) fn planned(
    plan: Vec<PlannedNumber>,
    selection: Selection,
    reports: Vec<NumberReport>,
    right: &HashSet<PhoneNumber>,
) -> Agenda {
    let mut seen: HashMap<PhoneNumber, NumberReport> =
        reports.into_iter().map(|report| (report.configured.number.phone_number, report)).collect();
    let mut agenda = Agenda::default();
    for planned in plan.into_iter().filter(|planned| is_selected(selection, planned)) {
        let number = planned.phone_number;
        match seen.remove(&number) {
            Some(report) => agenda.enter(planned, report),
            None if right.contains(&number) => {}
            None => agenda.left.push(outdated(number, "is not answered here any more")),
        }
    }
    agenda.passed_over = seen.len();
    agenda
}

fn is_selected(selection: Selection, planned: &PlannedNumber) -> bool {
    match selection {
        Selection::All => true,
        Selection::Account(account) => planned.account == account,
        Selection::Number(number) => planned.phone_number == number,
    }
}

impl Agenda {
    /// Enters what a plan says of a number that is not as it should be.
    fn enter(&mut self, planned: PlannedNumber, report: NumberReport) {
        let PlannedNumber { phone_number: number, account, changes } = planned;
        let NumberReport { configured, drift, observed } = report;
        if configured.number.account != account {
            self.left.push(outdated(number, "belongs to another account here than the plan says"));
            return;
        }
        let Some(observed) = observed else {
            self.left.push(Fixed::Left { number, drift });
            return;
        };
        let seen = observed.configuration();
        if changes.iter().any(|change| is_unwanted(change, &seen, &drift)) {
            self.left
                .push(outdated(number, "is to be configured in another way than the plan says"));
            return;
        }
        let blockers = remaining(&changes, drift);
        self.tasks.push(Task { configured, observed, changes, blockers });
    }
}

/// Whether a change could still be written, but is not what should be there any more.
fn is_unwanted(change: &FieldChange, seen: &Configuration, drift: &Drift) -> bool {
    let is_wanted = |now: &FieldChange| now.field == change.field && now.to == change.to;
    seen.get(change.field) == Some(&*change.from) && !drift.changes.iter().any(is_wanted)
}

/// What is wrong of a number once the changes of a plan are written.
fn remaining(changes: &[FieldChange], drift: Drift) -> Vec<Blocker> {
    let is_planned =
        |change: &FieldChange| changes.iter().any(|planned| planned.field == change.field);
    let unplanned = drift.changes.into_iter().filter(|change| !is_planned(change));
    let unplanned = unplanned.map(|change| {
        let detail = format!(
            "{} differs from what it should be, and the plan does not change it",
            change.field
        );
        Blocker { reason: change.reason, detail }
    });
    drift.blockers.into_iter().chain(unplanned).collect()
}

const fn outdated(number: PhoneNumber, what: &'static str) -> Fixed {
    Fixed::Failed { number, error: ConfigurationError::Outdated { number, what } }
}
