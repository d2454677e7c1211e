//! The JSON body of a request, read field by field, so that all mistakes are reported together.

use std::fmt::Display;
use std::time::Duration;

use actix_web::http::header::CONTENT_TYPE;
use actix_web::rt::time::timeout;
use actix_web::web::{Bytes, Payload};
use actix_web::{HttpRequest, error::PayloadError};
use serde_json::{Map, Value};
use switchboard_application_management::Edit;

use crate::problem::{Mistake, Problem, ProblemCode};

/// The maximum size of a body. A prompt is the largest value.
const MAX_BYTES: usize = 1024 * 1024;
/// The maximum time that a client may take to send it.
const TIME: Duration = Duration::from_secs(10);
/// The maximum number of mistakes of fields that are reported.
const MAX_MISTAKES: usize = 50;
/// The maximum number with those within a value that has a grammar of its own.
const MAX_ALL_MISTAKES: usize = 100;

/// Reads a body, which must be one JSON object.
pub(crate) async fn read(request: &HttpRequest, payload: Payload) -> Result<Fields, Problem> {
    let mut kinds = request.headers().get_all(CONTENT_TYPE);
    let kind = kinds.next().and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") || kinds.next().is_some() {
        return Err(Problem::of(ProblemCode::ContentTypeUnsupported));
    }
    match serde_json::from_slice(&bytes(payload).await?) {
        Ok(Value::Object(fields)) => {
            Ok(Fields { at: String::new(), unread: fields, mistakes: Vec::new() })
        }
        Ok(_) => Err(unreadable("it is another JSON value")),
        // The error could quote the body, which can contain contacts.
        Err(error) => {
            let (line, column) = (error.line(), error.column());
            Err(unreadable(&format!("line {line}, column {column}")))
        }
    }
}

/// Reads the bytes of a body.
pub(crate) async fn bytes(payload: Payload) -> Result<Bytes, Problem> {
    match timeout(TIME, payload.to_bytes_limited(MAX_BYTES)).await {
        Err(_elapsed) => Err(unreadable("it took too long")),
        Ok(Err(_limit)) => Err(Problem::of(ProblemCode::BodyTooLarge)),
        Ok(Ok(Err(error))) => Err(match error.as_error::<PayloadError>() {
            Some(PayloadError::Overflow) => Problem::of(ProblemCode::BodyTooLarge),
            _ => unreadable("it ended early"),
        }),
        Ok(Ok(Ok(body))) => Ok(body),
    }
}

fn unreadable(detail: &str) -> Problem {
    let detail = format!("The body is not a JSON object: {detail}.");
    Problem::new(ProblemCode::BodyUnreadable, detail)
}

/// The fields of an object that are not read yet, and the mistakes of those that were.
pub(crate) struct Fields {
    /// The JSON Pointer of the object.
    at: String,
    unread: Map<String, Value>,
    mistakes: Vec<Mistake>,
}

impl Fields {
    /// A field that is neither missing nor `null`.
    pub(crate) fn take(&mut self, name: &str) -> Option<Value> {
        self.unread.remove(name).filter(|value| !value.is_null())
    }

    /// A text that may be missing. After a mistake it is missing, too.
    pub(crate) fn text<T, E: Display>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let value = self.take(name)?;
        self.parsed(name, &value, parse)
    }

    /// The text of a field that was taken.
    pub(crate) fn parsed<T, E: Display>(
        &mut self,
        name: &str,
        value: &Value,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let Some(text) = value.as_str() else {
            self.wrong(name, "type", &"is not a text");
            return None;
        };
        parse(text).map_err(|error| self.wrong(name, "invalid", &error)).ok()
    }

    /// A whole number that may be missing.
    pub(crate) fn number<T, E: Display>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let value = self.take(name)?;
        if !value.is_u64() {
            self.wrong(name, "type", &"is not a whole number");
            return None;
        }
        self.parsed(name, &Value::String(value.to_string()), parse)
    }

    /// `true` or `false`, which may be missing.
    pub(crate) fn flag(&mut self, name: &str) -> Option<bool> {
        let value = self.take(name)?;
        if !value.is_boolean() {
            self.wrong(name, "type", &"is neither true nor false");
        }
        value.as_bool()
    }

    /// The fields of a field that was taken.
    pub(crate) fn nested<T>(
        &mut self,
        name: &str,
        value: Value,
        read: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Option<T> {
        let Value::Object(unread) = value else {
            self.wrong(name, "type", &"is not an object");
            return None;
        };
        let at = format!("{}/{}", self.at, escaped(name));
        let mut inner = Self { at, unread, mistakes: Vec::new() };
        let found = read(&mut inner);
        inner.report_unknown();
        let is_right = inner.mistakes.is_empty();
        self.mistakes.append(&mut inner.mistakes);
        self.mistakes.truncate(MAX_MISTAKES);
        found.filter(|_| is_right)
    }

    /// The change of a value that is an object: missing fields keep it, and `null` clears it.
    pub(crate) fn edited<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Edit<T> {
        if !self.has(name) {
            return Edit::Keep;
        }
        match self.take(name) {
            None => Edit::Clear,
            Some(value) => Edit::from(self.nested(name, value, read)),
        }
    }

    /// The change of a value that is a text.
    pub(crate) fn edited_text<T, E: Display>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Edit<T> {
        if !self.has(name) {
            return Edit::Keep;
        }
        match self.take(name) {
            None => Edit::Clear,
            Some(value) => Edit::from(self.parsed(name, &value, parse)),
        }
    }

    /// All fields that are not read yet.
    pub(crate) fn rest(&mut self) -> Map<String, Value> {
        std::mem::take(&mut self.unread)
    }

    /// Reports no unknown fields.
    pub(crate) fn ignore_rest(&mut self) {
        self.unread.clear();
    }

    /// Whether a field is given, even if it is `null`.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.unread.contains_key(name)
    }

    /// A text that must be given.
    pub(crate) fn required<T, E: Display>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        if self.unread.get(name).is_none_or(Value::is_null) {
            self.unread.remove(name);
            self.wrong(name, "required", &"is missing");
            return None;
        }
        self.text(name, parse)
    }

    /// A list of texts; empty if it is missing.
    pub(crate) fn texts<T, E: Display>(
        &mut self,
        name: &str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Vec<T> {
        let entries = match self.take(name) {
            None => return Vec::new(),
            Some(Value::Array(entries)) => entries,
            Some(_) => {
                self.wrong(name, "type", &"is not a list");
                return Vec::new();
            }
        };
        let mut parsed = Vec::with_capacity(entries.len());
        for (index, entry) in entries.iter().enumerate() {
            let at = format!("{name}/{index}");
            match entry.as_str().map(&parse) {
                Some(Ok(value)) => parsed.push(value),
                Some(Err(error)) => self.wrong_at(&at, "invalid", &error),
                None => self.wrong_at(&at, "type", &"is not a text"),
            }
        }
        parsed
    }

    /// Reports a mistake of a field; `what` follows its name in a sentence.
    pub(crate) fn wrong(&mut self, name: &str, code: &'static str, what: &dyn Display) {
        self.wrong_at(&escaped(name), code, what);
    }

    fn wrong_at(&mut self, name: &str, code: &'static str, what: &dyn Display) {
        if self.mistakes.len() >= MAX_MISTAKES {
            return;
        }
        let pointer = format!("{}/{name}", self.at);
        let detail = format!("{} {what}", pointer.trim_start_matches('/'));
        self.mistakes.push(Mistake { pointer, code, detail });
    }

    /// Reports mistakes within a value, which have their places in the body already. All fields must have been read: unknown
    /// ones are reported first, so that a long value does not hide them.
    pub(crate) fn mistaken(&mut self, mistakes: Vec<Mistake>) {
        self.report_unknown();
        self.mistakes.extend(mistakes);
        self.mistakes.truncate(MAX_ALL_MISTAKES);
    }

    /// Whether a mistake of a field was reported.
    pub(crate) fn is_wrong(&self, name: &str) -> bool {
        let at = format!("{}/{}", self.at, escaped(name));
        let is_there = |pointer: &str| {
            pointer.strip_prefix(&at).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.mistakes.iter().any(|mistake| is_there(&mistake.pointer))
    }

    /// Reports what is wrong with all that were read, and fields that no one reads.
    pub(crate) fn end(mut self) -> Result<(), Problem> {
        self.report_unknown();
        if self.mistakes.is_empty() { Ok(()) } else { Err(Problem::mistakes(self.mistakes)) }
    }

    fn report_unknown(&mut self) {
        for name in std::mem::take(&mut self.unread).keys() {
            self.wrong(name, "unknown", &"is not a known field");
        }
    }
}

/// A name as a part of a JSON Pointer (RFC 6901).
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Fields;
    use crate::problem::Mistake;

    fn fields(value: &serde_json::Value) -> Fields {
        let unread = value.as_object().unwrap().clone();
        Fields { at: String::new(), unread, mistakes: Vec::new() }
    }

    fn number(text: &str) -> Result<u8, std::num::ParseIntError> {
        text.parse()
    }

    #[test]
    fn all_mistakes_are_reported_with_their_places() {
        let mut read = fields(&json!({
            "a": 1, "b": "x", "c": ["1", "y", 2], "d": null, "e/~": true, "f": "7", "g": null,
        }));
        assert_eq!(read.text("a", number), None);
        assert_eq!(read.text("b", number), None);
        assert_eq!(read.texts("c", number), [1]);
        assert_eq!(read.required("d", number), None);
        assert_eq!(read.text("f", number), Some(7));
        assert_eq!(read.text("g", number), None);
        let mistakes: Vec<_> = read.mistakes.iter().map(|one| one.pointer.clone()).collect();
        assert_eq!(mistakes, ["/a", "/b", "/c/1", "/c/2", "/d"]);
        assert_eq!(read.mistakes[4].detail, "d is missing");
        assert!(read.is_wrong("c") && !read.is_wrong("f"));
        assert!(read.end().is_err());
        assert!(fields(&json!({})).end().is_ok());
        let mut many = fields(&json!({ "a": vec![0; 1_000] }));
        assert!(many.texts("a", number).is_empty());
        assert_eq!(many.mistakes.len(), super::MAX_MISTAKES);
        let inner = json!({ "b": vec![0; 1_000] });
        many.nested("c", inner, |inner| Some(inner.texts("b", number)));
        assert_eq!(many.mistakes.len(), super::MAX_MISTAKES);
        assert!(fields(&json!({ "e/~": 1 })).end().is_err());
        let mut long = fields(&json!({ "x": 1, "a": 1 }));
        assert_eq!(long.text("a", number), None);
        let inner =
            |n| Mistake { pointer: format!("/v/{n}"), code: "invalid", detail: String::new() };
        long.mistaken((0..1_000).map(inner).collect());
        let pointers: Vec<_> = long.mistakes.iter().map(|one| one.pointer.as_str()).collect();
        assert_eq!((&pointers[..3], pointers.len()), (&["/a", "/x", "/v/0"][..], 100));
    }
}
