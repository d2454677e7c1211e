//! `TwiML`: the XML with which a webhook tells Twilio what to do with a call or a message.
//!
//! An answer is built from typed verbs, so text from outside cannot become an element, and an answer to a message cannot
//! contain a verb for calls. All text is escaped in one place, `escape.rs`.
//!
//! A call that is connected to an agent is answered from a [`ConnectTemplate`]: what all calls of the agent share is
//! rendered once, and only the session is inserted for each call.

mod connect;
mod document;
mod escape;
mod links;
mod message;
mod rendering;
mod template;
mod voice;

pub(crate) use connect::attribute_length;
pub use connect::{Connect, Noun, Parameter, RelayLanguage};
pub use document::{Element, Node, VoiceDocument};
pub use links::{LinkUse, OurUrl};
pub use message::{
    MAX_BODY_CHARACTERS, MAX_MESSAGES, MessageResponse, MessageVerb, message_pieces,
};
pub use rendering::{Twiml, TwimlTooLarge};
pub use template::{CallParameters, ConnectFrame, ConnectTemplate, PartialConnect};
pub use voice::{Dial, DialTarget, Record, RejectReason, Say, VoiceResponse, VoiceVerb};

#[cfg(test)]
mod injection_tests;
