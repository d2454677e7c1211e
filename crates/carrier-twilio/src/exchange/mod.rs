//! Requests to Twilio: hosts, credentials, the concurrency limit, retries, paging, and decoding of responses.

mod client;
mod concurrency_limit;
mod decode;
mod error;
mod hosts;
mod keys;
mod options;
mod paging;
mod request;
mod response;
mod retry;

pub(crate) use client::Client;
pub(crate) use decode::{AnswerError, FieldError, Reading};
pub(crate) use hosts::Product;
pub(crate) use keys::Keys;
pub use options::{BuildError, Limits, TwilioOptions};
pub(crate) use request::Request;
