//! The client of decision services: signed requests and parsed responses.

mod request_body;
mod response;
mod service;

pub use service::{HttpDecisionService, Secrets};
