//! The work of a fix: which numbers to write, and which numbers are left as they are.

use switchboard_domain::configuration::{Blocker, FieldChange, Observed};
use switchboard_domain::number::RepairPolicy;
use switchboard_domain::ports::ConfiguredNumber;

use super::{Fixed, NumberReport};

/// A number to write.
pub(super) struct Task {
    pub(super) configured: ConfiguredNumber,
    pub(super) observed: Observed,
    pub(super) changes: Vec<FieldChange>,
    /// Drift that remains after the changes.
    pub(super) blockers: Vec<Blocker>,
}

/// The drifting numbers of a check, divided by what a fix does with them.
#[derive(Default)]
pub(super) struct Worklist {
    pub(super) tasks: Vec<Task>,
    /// The results of numbers that are not written.
    pub(super) skipped: Vec<Fixed>,
    /// How many numbers drift but are not part of the plan.
    pub(super) unplanned: usize,
}

impl Worklist {
    /// The work without a plan: all changes of the numbers whose repair policy is one of `policies`.
    pub(super) fn of_reports(reports: Vec<NumberReport>, policies: &[RepairPolicy]) -> Self {
        let mut worklist = Self::default();
        for NumberReport { configured, drift, observed } in reports {
            let number = configured.number.sender;
            let is_allowed = policies.contains(&configured.policy);
            if let Some(observed) = observed.filter(|_| is_allowed && !drift.changes.is_empty()) {
                let (changes, blockers) = (drift.changes, drift.blockers);
                worklist.tasks.push(Task { configured, observed, changes, blockers });
            } else {
                worklist.skipped.push(Fixed::Left { number, drift });
            }
        }
        worklist
    }
}
