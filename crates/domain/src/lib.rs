//! The domain of switchboard: numbers, SIDs, signatures, routing, TwiML and decisions, and the ports (traits) through
//! which use cases reach stores and carriers.
//!
//! This crate does no I/O and has no async runtime. Text from outside is parsed once, at the boundary, into the types
//! of this crate; code that receives such a type need not check again.

#![warn(missing_docs)]

pub mod account;
pub mod account_validation;
pub mod address;
pub mod agent;
pub mod api_key;
pub mod audit;
pub mod authentication;
pub mod call;
pub mod carrier;
pub mod causes;
pub mod chat;
pub mod check_finding;
pub mod claimed_account;
pub mod client_sources;
pub mod configuration;
pub mod connect_link;
pub mod connect_signers;
pub mod connection;
pub mod consent;
pub mod contact_link;
mod contact_number;
pub mod counted;
pub mod delivery;
pub mod erasure;
pub mod event;
pub mod event_kind;
pub mod field;
mod field_smuggling;
mod fixed_ascii;
pub mod form;
pub mod history;
pub mod identifier;
pub mod job;
pub mod message;
pub mod message_template;
pub mod number;
pub mod organization;
pub mod phone_number;
pub mod plan;
pub mod ports;
pub mod printable;
pub mod rejection;
pub mod repeatable_request;
pub mod retention;
pub mod routing;
pub mod sealing;
pub mod secret;
pub mod sender;
pub mod session;
pub mod sid;
pub mod signature;
pub mod source_networks;
pub mod status;
pub mod status_callback;
mod string_enum;
pub mod subscription;
pub mod target_networks;
pub mod thread;
pub mod time;
pub mod trace_parent;
pub mod twiml;
pub mod web_address;
mod withheld;
