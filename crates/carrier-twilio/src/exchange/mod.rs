//! One request and its answer: where it goes, who sends it, how many at once, when it is tried again, and what the
//! answer says.

mod answer;
mod client;
mod hosts;
mod keys;
mod options;
mod paging;
mod patience;
mod reading;
mod refusal;
mod request;
mod turnstile;

pub(crate) use client::Client;
pub(crate) use hosts::Product;
pub(crate) use keys::Keys;
pub use options::{BuildError, Limits, TwilioOptions};
pub use patience::{Pauses, TokioPauses};
pub(crate) use reading::{AnswerError, FieldError, Reading};
pub(crate) use request::Request;
