//! The result of a fix, per number and in total.

use switchboard_domain::configuration::{Blocker, Drift, FieldChange};
use switchboard_domain::sender::Sender;

use super::{ConfigurationError, Mismatch};

/// The result of fixing one number.
#[derive(Debug)]
pub enum Fixed {
    /// All changes are written. `changes` is empty if the number was already configured correctly.
    Written {
        /// The fixed number.
        number: Sender,
        /// The fields that were written.
        changes: Vec<FieldChange>,
        /// Drift that remains, because writing fields cannot remove it.
        blockers: Vec<Blocker>,
    },
    /// The number drifts, but nothing was written: writing fields cannot remove the drift, or the repair policy of the
    /// number does not allow it.
    Left {
        /// The drifting number.
        number: Sender,
        /// Its difference from the desired configuration.
        drift: Drift,
    },
    /// Nothing was written, because the number was changed at the carrier after the plan was made.
    Changed {
        /// The changed number.
        number: Sender,
        /// The fields that differ from the plan.
        mismatches: Vec<Mismatch>,
    },
    /// An error stopped the fix of this number.
    Failed {
        /// The number that was to be fixed.
        number: Sender,
        /// The cause.
        error: ConfigurationError,
    },
}

/// The totals of a fix.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FixSummary {
    /// Checked numbers.
    pub numbers: usize,
    /// Numbers with at least one written field.
    pub changed: usize,
    /// Written fields.
    pub fields: usize,
    /// Numbers that still drift.
    pub left: usize,
}

/// Receives the progress of a fix.
pub trait FixProgress {
    /// Called once, with the number of numbers to write.
    fn begun(&mut self, numbers: usize);
    /// Called with the result of each number.
    fn done(&mut self, fixed: Fixed);
    /// Whether no other number must be begun. Those that were begun are done.
    fn is_stopped(&self) -> bool {
        false
    }
}
