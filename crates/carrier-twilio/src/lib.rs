//! The carrier ports, implemented with Twilio's REST API.
//!
//! [`TwilioCarrier`] implements every port. Each resource has a file with its private wire types. The module `exchange`
//! sends, retries and decodes the requests of all resources.
//!
//! Protocol: Twilio, "API responses", "Error handling", "Subaccounts", "Global Infrastructure: REST API".
#![warn(missing_docs)]

mod accounts;
mod applications;
mod calls;
mod carrier;
mod exchange;
mod media;
mod messages;
mod numbers;
mod senders;
mod services;
mod tokens;
mod wire;

pub use carrier::TwilioCarrier;
pub use exchange::{BuildError, Limits, TwilioOptions};
