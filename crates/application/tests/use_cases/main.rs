//! Tests of the use cases with an in-memory store, a clock that tests set, and requests with
//! genuine signatures.
#![expect(clippy::unwrap_used, reason = "a test that unwraps says at which line it has failed")]

mod fixture;
mod identifiers;
mod prelude;
mod requests;

mod agreeing;
mod answering_calls;
mod app_options;
mod asking_handlers;
mod binding;
mod deadlines;
mod delivering;
mod directory;
mod drawn;
mod ending_connections;
mod folding;
mod following_links;
mod handler_health;
mod offering;
mod opening_sessions;
mod outcomes;
mod outside;
mod receiving_messages;
mod receiving_statuses;
mod rejections;
mod routing_plans;
mod unsigned;
mod watching;
