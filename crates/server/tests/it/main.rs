//! Black-box tests of the built program: over HTTP, by commands, and by signals, with the Twilio simulator in the place
//! of Twilio. Every test runs on SQLite and on Postgres.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod admin_api;
mod adopt;
mod carrier;
mod cli;
mod fixture;
mod prelude;
mod webhooks;
