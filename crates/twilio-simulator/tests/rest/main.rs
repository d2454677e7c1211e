//! The phone company over HTTP, as a client of Twilio's REST API meets it.

mod access;
mod control;
mod faults;
mod messaging;
mod numbers;
mod paging;
mod rig;
mod tokens;
