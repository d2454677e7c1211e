//! The client of decision services: signed requests, concurrency limits, and parsed responses.

mod concurrency_limit;
mod request_body;
mod response;
mod service;

pub use concurrency_limit::Limits;
pub use service::{HttpDecisionService, Secrets};
