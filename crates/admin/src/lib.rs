//! Inbound HTTP: the admin API, and the objects that it and the command line print as JSON.
//!
//! A handler takes a [`Scope`](switchboard_domain::organization::Scope) from the key of its caller, calls a use case, and
//! renders the result as one of the [`objects`]. Every failure is a problem (RFC 9457) with a stable code.
#![warn(missing_docs)]
#![warn(clippy::wildcard_enum_match_arm)]

mod account_fields;
mod agent_fields;
mod body;
mod caller;
mod cursor;
mod document;
mod document_idempotency;
mod document_lists;
mod drift_jobs;
mod drift_request;
pub mod explanation_request;
mod hosts;
mod idempotency;
mod interactive;
mod list;
mod middleware;
mod names;
pub mod objects;
mod own_urls;
mod parameters;
pub mod party;
mod paths;
mod plan_mistakes;
mod precondition;
mod problem;
mod problem_code;
mod reading;
mod refused;
mod repeatable;
mod reported;
mod responses;
mod routes;
mod state;
mod to_end;
mod versioned;
pub mod when;
mod wording;

pub use cursor::{CursorScope, WrongCursor};
pub use document::{document, problem_codes};
pub use drift_jobs::DriftJobs;
pub use hosts::AllowedHosts;
pub use own_urls::{OwnUrls, OwnUrlsError};
pub use paths::configure;
pub use reading::Reading;
pub use state::AdminState;
pub use wording::Wording;
