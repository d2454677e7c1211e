//! Inbound HTTP: Twilio's webhooks, and the sessions that voice servers read.
//!
//! A handler extracts the request, calls its use case and renders the answer. One file, `error.rs`,
//! determines the response to a failed request.
#![warn(missing_docs)]
#![warn(clippy::wildcard_enum_match_arm)]

mod body;
mod connect;
mod error;
mod media;
mod metrics;
mod observe;
mod problem;
mod replies;
mod response;
mod routes;
mod session;
mod session_body;
mod state;
mod twilio_endpoints;
mod webhook;

pub use body::BodyLimits;
pub use routes::configure;
pub use state::{AppState, UseCases};
