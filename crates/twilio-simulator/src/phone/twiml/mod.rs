//! Parses TwiML as Twilio does: strict about XML, lenient about unknown elements.

mod document;
mod element;
mod message;
mod schema;
mod verb;
mod voice;

pub(crate) use document::{Answered, read_messages, read_voice};
pub(crate) use message::MessageVerb;
pub(crate) use verb::{Connect, Dial, DialNoun, Gather, Noun, Record, Relay, Stream, Target, Verb};
