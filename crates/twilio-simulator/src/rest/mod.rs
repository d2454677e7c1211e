//! Twilio's REST API. All of Twilio's hosts are served under one base URL, because their paths do not collide.
//!
//! The resources are independent of HTTP: they take a parsed request and return a JSON response.

mod accounts;
mod applications;
mod auth;
mod auth_tokens;
mod calls;
mod media;
mod messages;
mod number_settings;
mod numbers;
mod paging;
mod pipeline;
mod pools;
mod regions;
mod request;
mod request_context;
mod response;
mod routes;
mod senders;
mod services;
mod short_codes;
mod values;

pub(crate) use pipeline::{Body, OutgoingResponse, answer};
pub(crate) use request::{Credentials, Method, Parameters, Request, RequestBody};
pub(crate) use response::Other;
