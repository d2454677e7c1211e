//! TwiML that agents answer with.

mod element;
mod replies;

pub(crate) use element::parse;
pub(crate) use replies::{Reading, read_plain_text, read_replies};
