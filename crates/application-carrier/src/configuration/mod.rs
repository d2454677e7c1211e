//! Webhook configuration of numbers at the carrier: check, plan, fix, assign and restore.
//!
//! Assignments are decided in the store. If the carrier is unavailable, the difference is reported as drift and fixed
//! later. Before the first write to a number, its configuration is saved. A write is refused if the number was changed
//! since the plan was made.

mod access;
mod apply;
mod assign;
mod check;
mod chosen;
mod elsewhere;
mod error;
mod findings;
mod fix;
mod fixed;
mod number_leases;
mod planned;
mod release;
mod saved;
mod schedule;
mod selection;
mod shared_service;
mod survey;
#[cfg(test)]
mod tests;
mod worklist;

pub use access::OpenAccess;
pub use apply::{Applied, ApplyChanges, Mismatch};
pub use assign::{AssignAtCarrier, Assigned, CarrierOutcome, NewAssignment};
pub use check::{CheckSummary, CheckWebhooks, NumberReport};
pub use error::ConfigurationError;
pub use fix::FixWebhooks;
pub use fixed::{FixProgress, FixSummary, Fixed};
pub use number_leases::NumberLeases;
pub use planned::PlannedNumber;
pub use release::{ForeignChanges, ReleaseAtCarrier, Released, RestoreWebhooks, Restored};
pub use schedule::WebhookSchedule;
pub use selection::Selection;
pub use survey::{RelatedResources, Survey};
