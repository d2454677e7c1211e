//! TwiML as Twilio reads it: strict about XML, lenient about what it does not know.

mod document;
mod element;
mod message;
mod schema;
mod verb;
mod voice;

pub(crate) use document::{Answered, read_messages, read_voice};
pub(crate) use message::MessageVerb;
pub(crate) use verb::{Connect, Dial, DialNoun, Gather, Noun, Record, Relay, Stream, Target, Verb};
