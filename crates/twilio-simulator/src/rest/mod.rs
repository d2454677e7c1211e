//! Twilio's REST API, for every host of Twilio on one base: their paths do not collide.
//!
//! The resources know nothing of HTTP: a request that was read goes in, an answer in JSON comes out.

mod access;
mod accounts;
mod applications;
mod auth_tokens;
mod calls;
mod dates;
mod exchange;
mod messages;
mod number_settings;
mod numbers;
mod paging;
mod pools;
mod regions;
mod reply;
mod request;
mod senders;
mod services;
mod values;
mod visit;

pub(crate) use exchange::{Answer, Body, answer};
pub(crate) use request::{Credentials, Method, Parameters, Request, Sent};
