//! Twilio's REST API, as the carrier that numbers, applications, services, senders, accounts, tokens, messages and
//! calls are kept at.
//!
//! Every port is [`TwilioCarrier`]. What goes over the wire is private to the file of its resource; how a request
//! is sent, tried again and read is the same for all of them and lies in `exchange`.
//!
//! Protocol: Twilio, "API responses", "Error handling", "Subaccounts", "Global Infrastructure: REST API".
#![warn(missing_docs)]

mod accounts;
mod applications;
mod calls;
mod carrier;
mod exchange;
mod messages;
mod numbers;
mod senders;
mod services;
mod tokens;
mod wire;

pub use carrier::TwilioCarrier;
pub use exchange::{BuildError, Limits, TwilioOptions};
