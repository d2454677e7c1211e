//! Asking decision services: what is asked, how it is signed, and what is taken for an answer.

mod answer;
mod question;
mod room;
mod secret;
mod service;

pub use room::Limits;
pub use secret::{SecretLengthError, SigningSecret};
pub use service::HttpDecisionService;
