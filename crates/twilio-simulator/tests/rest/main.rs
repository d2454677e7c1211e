//! The REST API over HTTP, as a client of Twilio's API sees it.

mod access;
mod control;
mod faults;
mod fixture;
mod messaging;
mod numbers;
mod paging;
mod tokens;
