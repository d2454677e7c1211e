//! What switchboard knows, without doing anything: numbers, SIDs, signatures, routing, TwiML,
//! decisions, and the ports through which the outside is asked.
//!
//! There is no I/O here and no async runtime, so nothing here can fail by I/O. Text from outside is
//! parsed once, at the endpoint, into the types of this crate; inside, the type is the proof.

pub mod account;
pub mod address;
pub mod agent;
pub mod authentication;
pub mod call;
pub mod carrier;
pub mod causes;
pub mod configuration;
pub mod field;
mod field_smuggling;
pub mod form;
pub mod identifier;
pub mod message;
pub mod number;
pub mod organization;
pub mod phone_number;
pub mod plan;
pub mod ports;
pub mod rejection;
pub mod routing;
pub mod sealing;
pub mod secret;
pub mod session;
pub mod sid;
pub mod signature;
pub mod status;
mod string_enum;
pub mod time;
pub mod twiml;
pub mod web_address;
