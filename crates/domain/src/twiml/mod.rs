//! `TwiML`, the XML with which Twilio is told what to do with a call or a message.
//!
//! An answer is built of typed verbs, so that no text from outside can become an element, and an
//! answer to a message cannot hold a verb of a call. All text goes through one place that escapes it.
//!
//! A call that is connected to an agent is answered by a [`ConnectTemplate`]: what is the same for
//! every call of the agent is rendered once, and only the session is put in for each call.

mod connect;
mod escape;
mod message;
mod rendering;
mod template;
mod voice;

pub use connect::{Connect, Noun, Parameter};
pub use message::{MessageResponse, MessageVerb};
pub use rendering::{Twiml, TwimlTooLarge};
pub use template::{ConnectFrame, ConnectTemplate, PartialConnect};
pub use voice::{Dial, DialTarget, Record, RejectReason, Say, VoiceResponse, VoiceVerb};

#[cfg(test)]
mod injection_tests;
