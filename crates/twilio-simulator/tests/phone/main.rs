//! Calls and messages delivered to a local webhook server.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod calls;
mod changes;
mod deliveries;
mod messages;
mod relays;
mod streams;
mod tls;
mod voice_server;
mod webhook_server;
