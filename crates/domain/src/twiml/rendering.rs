//! Answers as text.

use std::fmt;

use super::escape::{push_attribute, push_text};

/// Most bytes of an answer that Twilio reads (Twilio, error 11750: "response body too large",
/// 64 kB). It is not said whether a kilobyte is 1,000 or 1,024 bytes, so the smaller one is kept to.
pub(super) const MAX_BYTES: usize = 64_000;

const START: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Response>"#;
const END: &str = "</Response>";

/// An answer that is larger than what Twilio reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("answer of {bytes} bytes is larger than the 64 kB that twilio reads")]
pub struct TwimlTooLarge {
    /// The size that the answer would have had.
    pub bytes: usize,
}

/// A complete answer. `Debug` shows its length only, since it can carry tokens and texts of people.
#[derive(Clone, PartialEq, Eq)]
pub struct Twiml(String);

#[expect(clippy::len_without_is_empty, reason = "an answer is never empty")]
impl Twiml {
    /// An answer that is known to be complete and small enough.
    pub(super) const fn complete(answer: String) -> Self {
        Self(answer)
    }

    /// The answer as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The answer as text, without a copy.
    pub fn into_string(self) -> String {
        self.0
    }

    /// Its length in bytes.
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

impl fmt::Debug for Twiml {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes of TwiML", self.0.len())
    }
}

/// An answer that is being written. Names of elements and attributes are part of the program; every
/// value goes through the escaping.
pub(super) struct Answer(String);

impl Answer {
    /// The start of an answer.
    pub(super) fn new() -> Self {
        Self(START.to_owned())
    }

    /// A piece of an answer.
    pub(super) const fn piece() -> Self {
        Self(String::new())
    }

    /// `<Element`, to which attributes can be added.
    pub(super) fn open(&mut self, element: &'static str) {
        self.0.push('<');
        self.0.push_str(element);
    }

    /// ` name="value"`.
    pub(super) fn attribute(&mut self, name: &'static str, value: &str) {
        self.unfinished_attribute(name, value);
        self.finish_attribute();
    }

    /// ` name="value`, to which the rest of the value is added later.
    pub(super) fn unfinished_attribute(&mut self, name: &'static str, value: &str) {
        self.0.push(' ');
        self.0.push_str(name);
        self.0.push_str("=\"");
        push_attribute(&mut self.0, value);
    }

    /// `"`, after the rest of a value.
    pub(super) fn finish_attribute(&mut self) {
        self.0.push('"');
    }

    /// `>`, after which content follows.
    pub(super) fn content(&mut self) {
        self.0.push('>');
    }

    /// The text inside an element.
    pub(super) fn text(&mut self, text: &str) {
        push_text(&mut self.0, text);
    }

    /// `/>`, for an element without content.
    pub(super) fn close_empty(&mut self) {
        self.0.push_str("/>");
    }

    /// `</Element>`.
    pub(super) fn close(&mut self, element: &'static str) {
        self.0.push_str("</");
        self.0.push_str(element);
        self.0.push('>');
    }

    /// The answer, closed.
    pub(super) fn finish(mut self) -> Result<Twiml, TwimlTooLarge> {
        self.0.push_str(END);
        within_limit(self.0.len())?;
        Ok(Twiml(self.0))
    }

    /// What was written so far, not closed.
    pub(super) fn into_unfinished(self) -> String {
        self.0
    }
}

pub(super) const fn within_limit(bytes: usize) -> Result<(), TwimlTooLarge> {
    if bytes > MAX_BYTES { Err(TwimlTooLarge { bytes }) } else { Ok(()) }
}
