//! The built program, told what to do as Twilio, voice servers, operators and strangers do: over HTTP, by commands, by
//! signals. Every test runs on SQLite and on Postgres.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[macro_use]
mod rig;
mod load;

mod bad_input;
mod crash;
mod leaving;
mod messages;
mod refusals;
mod sdks;
mod sessions;
mod slow_clients;
mod statuses;
mod voice;
