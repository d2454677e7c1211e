//! A small voice server for Twilio's media streams: it learns from switchboard which agent it is to be, and
//! echoes what the caller says.
//!
//! Start reading at [`serve`]. A real one puts a model where `echo` is.
#![warn(missing_docs)]

mod messages;
mod server;
mod session;
mod stream;
mod token;

pub use server::serve;
