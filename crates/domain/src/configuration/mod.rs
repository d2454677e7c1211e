//! Webhook configuration: the observed and the desired configuration of a number at the carrier, their differences, and
//! the previous configuration.

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
