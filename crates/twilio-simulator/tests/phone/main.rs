//! Calls and messages against a customer's server on this machine.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod calls;
mod changes;
mod customer;
mod deliveries;
mod messages;
mod relays;
mod streams;
mod tls;
mod voice;
