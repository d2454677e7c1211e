//! Webhook configuration: what a number's URLs at the carrier are, what they should be, how the two differ, and
//! what was there before us.

mod desired;
mod drift;
mod field;
mod observed;
mod settings;
mod taken;

pub use desired::{WebhookUrls, desired};
pub use drift::{Drift, DriftReason, FieldChange, Hindrance, Overrides, drift};
pub use field::{Field, Part};
pub use observed::{Membership, Observed};
pub use settings::Configuration;
pub use taken::{Conflict, Restoration, Taken};
