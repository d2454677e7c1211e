//! Rendering of answers as XML.

use std::fmt;

use super::escape::{push_attribute, push_text};

/// Maximum size of an answer in bytes (Twilio, error 11750: "response body too large", 64 kB). Twilio does not document
/// whether a kilobyte is 1,000 or 1,024 bytes, so this is the smaller.
pub(super) const MAX_BYTES: usize = 64_000;

const START: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Response>"#;
const END: &str = "</Response>";

/// The answer is larger than Twilio accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("answer of {bytes} bytes is larger than the 64 kB that twilio accepts")]
pub struct TwimlTooLarge {
    /// Size of the answer in bytes.
    pub bytes: usize,
}

/// A complete answer. `Debug` shows its length only, since it may contain tokens and private text.
#[derive(Clone, PartialEq, Eq)]
pub struct Twiml(String);

#[expect(clippy::len_without_is_empty, reason = "an answer is never empty")]
impl Twiml {
    /// Wraps an answer that is complete and within the limit.
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

    /// Length in bytes.
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

impl fmt::Debug for Twiml {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes of TwiML", self.0.len())
    }
}

/// Writes an answer. Names of elements and attributes are constants of the program; every value is escaped.
pub(super) struct Answer(String);

impl Answer {
    /// Starts a complete answer.
    pub(super) fn new() -> Self {
        Self(START.to_owned())
    }

    /// Starts a fragment of an answer.
    pub(super) const fn fragment() -> Self {
        Self(String::new())
    }

    /// Writes `<Element`. Attributes can follow.
    pub(super) fn open(&mut self, element: &'static str) {
        self.0.push('<');
        self.0.push_str(element);
    }

    /// Writes ` name="value"`.
    pub(super) fn attribute(&mut self, name: &'static str, value: &str) {
        self.unfinished_attribute(name, value);
        self.finish_attribute();
    }

    /// Writes ` name="value`. The rest of the value can follow.
    pub(super) fn unfinished_attribute(&mut self, name: &'static str, value: &str) {
        self.0.push(' ');
        self.0.push_str(name);
        self.0.push_str("=\"");
        push_attribute(&mut self.0, value);
    }

    /// Writes `"`, after the rest of a value.
    pub(super) fn finish_attribute(&mut self) {
        self.0.push('"');
    }

    /// Writes `>`. Content can follow.
    pub(super) fn content(&mut self) {
        self.0.push('>');
    }

    /// Writes text inside an element.
    pub(super) fn text(&mut self, text: &str) {
        push_text(&mut self.0, text);
    }

    /// Writes `/>`, for an element without content.
    pub(super) fn close_empty(&mut self) {
        self.0.push_str("/>");
    }

    /// Writes `</Element>`.
    pub(super) fn close(&mut self, element: &'static str) {
        self.0.push_str("</");
        self.0.push_str(element);
        self.0.push('>');
    }

    /// Closes and returns the answer.
    pub(super) fn finish(mut self) -> Result<Twiml, TwimlTooLarge> {
        self.0.push_str(END);
        within_limit(self.0.len())?;
        Ok(Twiml(self.0))
    }

    /// Returns the text written so far, without closing it.
    pub(super) fn into_unfinished(self) -> String {
        self.0
    }
}

pub(super) const fn within_limit(bytes: usize) -> Result<(), TwimlTooLarge> {
    if bytes > MAX_BYTES { Err(TwimlTooLarge { bytes }) } else { Ok(()) }
}
