//! Webhook configuration: what a number's URLs at the carrier are, what they should be, how the two differ, and
//! what was there before us.

mod adopted;
mod desired;
mod drift;
mod field;
mod observed;
mod settings;

pub use adopted::{AdoptedConfiguration, Conflict, Restoration};
pub use desired::{WebhookUrls, desired};
pub use drift::{Blocker, Drift, DriftReason, FieldChange, OverridePolicy, drift};
pub use field::{Field, Part};
pub use observed::{Membership, Observed};
pub use settings::Configuration;
