//! The offline phone company: Twilio's REST, and calls and messages, on one machine.
#![warn(missing_docs)]

pub mod phone;
