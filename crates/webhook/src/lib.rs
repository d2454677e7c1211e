//! Inbound: Twilio's webhooks, and the sessions that voice servers read.
//!
//! A handler extracts the request, calls its use case and renders the outcome. What Twilio and strangers
//! are told is decided in one place, [`response`].

mod body;
mod connected;
mod message;
mod metrics;
mod passage;
mod request;
mod response;
mod session;
mod state;
mod status;
mod voice;
mod yield_now;

pub use body::BodyLimits;
pub use state::{AppState, configure};
