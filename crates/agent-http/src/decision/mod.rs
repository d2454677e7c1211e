//! The client of decision services: signed requests, concurrency limits, and parsed responses.

mod concurrency_limit;
mod request_body;
mod response;
mod secret;
mod service;

pub use concurrency_limit::Limits;
pub use secret::{SecretLengthError, SigningSecret};
pub use service::{HttpDecisionService, Secrets};
