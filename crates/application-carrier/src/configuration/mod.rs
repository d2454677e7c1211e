//! What numbers are at the carrier is brought to what they should be: looked at, planned, changed, given back.
//!
//! The store's word holds first: who answers a number is decided here, and a carrier that is away leaves a drift
//! that is shown and mended later, never a silent difference. Nothing is written at the carrier before what was
//! there is kept, and nothing that is not as the plan saw it.

mod access;
mod apply;
mod assign;
mod check;
mod error;
mod fix;
mod planned;
mod release;
mod schedule;
mod selection;
mod shared_service;
mod survey;
#[cfg(test)]
mod tests;

pub use access::OpenAccess;
pub use apply::{Applied, ApplyChanges, Mismatch};
pub use assign::{AssignAtCarrier, Assigned, AtCarrier};
pub use check::{CheckSummary, CheckWebhooks, NumberReport};
pub use error::ConfigurationError;
pub use fix::{FixProgress, FixSummary, FixWebhooks, Fixed};
pub use planned::PlannedNumber;
pub use release::{ForeignChanges, ReleaseAtCarrier, Released, RestoreWebhooks, Restored};
pub use schedule::WebhookSchedule;
pub use selection::Selection;
pub use survey::{Surroundings, Survey};
