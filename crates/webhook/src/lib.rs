//! Inbound: Twilio's webhooks, and the sessions that voice servers read.
//!
//! A handler extracts the request, calls its use case and renders the outcome. What Twilio and strangers
//! are told is decided in one place, [`response`].

mod body;
mod connected;
mod desk;
mod instruments;
mod message;
mod passage;
mod request;
mod response;
mod session;
mod status;
mod turn;
mod voice;

pub use body::BodyLimits;
pub use desk::{FrontDesk, configure};
