//! The built program, told what to do as Twilio, voice servers, operators and strangers do: over HTTP, by commands, by
//! signals. Every test runs on SQLite and on Postgres.

mod bad_input;
mod changes;
mod corrupt;
mod crash;
mod hundred_accounts;
mod leaving;
mod messages;
mod operations;
mod outage;
mod refusals;
mod sdks;
mod secrecy;
mod sessions;
mod slow_clients;
mod starting;
mod statuses;
mod voice;
