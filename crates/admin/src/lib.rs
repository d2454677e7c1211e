//! Inbound HTTP: the admin API, and the objects that it and the command line print as JSON.
//!
//! A handler takes a [`Scope`](switchboard_domain::organization::Scope) from the key of its caller, calls a use case, and
//! renders the result as one of the [`objects`]. Every failure is a problem (RFC 9457) with a stable code.
#![warn(missing_docs)]
#![warn(clippy::wildcard_enum_match_arm)]

mod agent_fields;
mod body;
mod caller;
mod cursor;
mod document;
mod guard;
mod hosts;
mod interactive;
mod list;
mod names;
pub mod objects;
mod parameters;
pub mod party;
mod paths;
mod problem;
pub mod question;
mod reading;
mod refused;
mod responses;
mod routes;
mod state;
pub mod when;
mod wording;

pub use cursor::{CursorScope, WrongCursor};
pub use document::{document, problem_codes};
pub use hosts::AllowedHosts;
pub use paths::configure;
pub use reading::Reading;
pub use state::AdminState;
pub use wording::Wording;
