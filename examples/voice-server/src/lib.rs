//! A minimal voice server for Twilio's media streams: it reads the session from switchboard, which describes the agent,
//! and echoes the caller's audio.
//!
//! Start reading at [`serve`]. In a real voice server, a model replaces `echo`.
#![warn(missing_docs)]

mod messages;
mod server;
mod session;
mod stream;
mod token;

pub use server::serve;
