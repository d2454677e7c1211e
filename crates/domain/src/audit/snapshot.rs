//! What an object has before and after a change, and what of it is recorded.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use ring::digest::{SHA256, digest};

use crate::time::Timestamp;

/// The maximum number of characters of a text that is recorded in full.
const MAX_CHARACTERS: usize = 1_000;
/// How a secret is recorded that is there.
const SET: &str = "set";
/// How a secret is recorded that replaces another one.
const CHANGED: &str = "changed";

/// A recorded value.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FieldValue {
    /// No value.
    Null,
    /// A text.
    Text(String),
    /// A number.
    Integer(i64),
}

/// Values hold prompts and phone numbers, so only their kind is shown.
impl fmt::Debug for FieldValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "Null",
            Self::Text(_) => "Text(…)",
            Self::Integer(_) => "Integer(…)",
        })
    }
}

/// Recorded values by the names of the fields.
pub type Fields = BTreeMap<String, FieldValue>;

/// An object at one moment. Secrets are in it as digests, which are compared and never recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// The fields that may be recorded.
    pub fields: Fields,
    /// The digest of each secret that the object has.
    pub secrets: BTreeMap<String, [u8; 32]>,
}

impl Snapshot {
    /// Adds a text, or that there is none.
    #[must_use]
    pub fn text(mut self, name: &str, text: Option<&str>) -> Self {
        let value = text.map_or(FieldValue::Null, |text| FieldValue::Text(text.to_owned()));
        self.fields.insert(name.to_owned(), value);
        self
    }

    /// Adds a text that can be a URL. The query of a URL can contain a password, so it is only recorded whether it changes, as the
    /// field `{name}_query`.
    #[must_use]
    pub fn url(self, name: &str, text: Option<&str>) -> Self {
        let parts = text.and_then(|text| text.split_once('?'));
        match parts.filter(|(location, _)| is_location(location)) {
            Some((location, query)) => self
                .text(name, Some(location))
                .secret(&format!("{name}_query"), Some(query.as_bytes())),
            None => self.text(name, text),
        }
    }

    /// Adds a number, or that there is none.
    #[must_use]
    pub fn integer(mut self, name: &str, number: Option<i64>) -> Self {
        let value = number.map_or(FieldValue::Null, FieldValue::Integer);
        self.fields.insert(name.to_owned(), value);
        self
    }

    /// Adds an instant, or that there is none.
    #[must_use]
    pub fn instant(self, name: &str, at: Option<Timestamp>) -> Self {
        let text = at.map(|at| jiff::Timestamp::from_microsecond(at.micros()));
        let text = text.and_then(Result::ok).map(|at| at.to_string());
        self.text(name, text.as_deref())
    }

    /// Adds the stored form of a secret, if there is one.
    #[must_use]
    pub fn secret(mut self, name: &str, stored: Option<&[u8]>) -> Self {
        if let Some(stored) = stored {
            self.secrets.insert(name.to_owned(), sha256(stored));
        }
        self
    }

    /// The text of a field, if it is one.
    pub fn text_of(&self, name: &str) -> Option<&str> {
        match self.fields.get(name) {
            Some(FieldValue::Text(text)) => Some(text),
            _ => None,
        }
    }
}

/// What a change is recorded as. An object that was not there before, or is not there any more, has no fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The values before the change.
    pub before: Fields,
    /// The values after it.
    pub after: Fields,
}

/// The fields that a change adds, changes or removes; `None` if it changes nothing. A secret is recorded as `set` or `changed`,
/// and a long text as its length and digest.
pub fn difference(before: Option<&Snapshot>, after: Option<&Snapshot>) -> Option<Difference> {
    if before == after {
        return None;
    }
    let empty = Snapshot::default();
    let (old, new) = (before.unwrap_or(&empty), after.unwrap_or(&empty));
    let mut difference = Difference { before: Fields::new(), after: Fields::new() };
    for name in names(&old.fields, &new.fields) {
        let (was, is) = (value(old, name), value(new, name));
        if was == is {
            continue;
        }
        if before.is_some() {
            difference.before.insert(name.clone(), recorded(was));
        }
        if after.is_some() {
            difference.after.insert(name.clone(), recorded(is));
        }
    }
    for name in names(&old.secrets, &new.secrets) {
        let (was, is) = (old.secrets.get(name), new.secrets.get(name));
        if was == is {
            continue;
        }
        let text = |text: &str| FieldValue::Text(text.to_owned());
        if before.is_some() {
            let was = was.map_or(FieldValue::Null, |_| text(SET));
            difference.before.insert(name.clone(), was);
        }
        if after.is_some() {
            let new = if old.secrets.contains_key(name) { CHANGED } else { SET };
            let is = is.map_or(FieldValue::Null, |_| text(new));
            difference.after.insert(name.clone(), is);
        }
    }
    Some(difference)
}

/// The names that one of two maps has.
fn names<'a, V>(
    old: &'a BTreeMap<String, V>,
    new: &'a BTreeMap<String, V>,
) -> impl Iterator<Item = &'a String> {
    old.keys().chain(new.keys().filter(|name| !old.contains_key(*name)))
}

/// Whether a text begins as a URL does.
fn is_location(text: &str) -> bool {
    text.split_once("://")
        .is_some_and(|(scheme, _)| scheme.bytes().all(|b| b.is_ascii_alphabetic()))
}

fn value<'a>(snapshot: &'a Snapshot, name: &str) -> &'a FieldValue {
    snapshot.fields.get(name).unwrap_or(&FieldValue::Null)
}

fn recorded(value: &FieldValue) -> FieldValue {
    match value {
        FieldValue::Text(text) => {
            let characters = text.chars().count();
            if characters <= MAX_CHARACTERS {
                return value.clone();
            }
            let mut recorded = format!("{characters} characters, SHA-256 ");
            for byte in sha256(text.as_bytes()) {
                // Writing to a text cannot fail.
                let _written = write!(recorded, "{byte:02x}");
            }
            FieldValue::Text(recorded)
        }
        FieldValue::Null | FieldValue::Integer(_) => value.clone(),
    }
}

pub(super) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, bytes).as_ref());
    hash
}

#[cfg(test)]
mod tests {
    use super::{FieldValue, Fields, Snapshot, difference};

    fn text(text: &str) -> FieldValue {
        FieldValue::Text(text.to_owned())
    }

    fn fields(values: &[(&str, FieldValue)]) -> Fields {
        values.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
    }

    #[test]
    fn a_change_is_recorded_by_the_fields_that_it_changes() {
        let before = Snapshot::default().text("name", Some("Sales")).integer("capacity", Some(2));
        let after = Snapshot::default().text("name", Some("Sales")).integer("capacity", None);
        let changed = difference(Some(&before), Some(&after)).unwrap();
        assert_eq!(changed.before, fields(&[("capacity", FieldValue::Integer(2))]));
        assert_eq!(changed.after, fields(&[("capacity", FieldValue::Null)]));
        assert_eq!(difference(Some(&before), Some(&before)), None);
        assert_eq!(difference(None, None), None);
    }

    #[test]
    fn what_is_added_has_nothing_before_and_what_is_removed_nothing_after() {
        let object = Snapshot::default().text("name", Some("Sales")).text("voice", None);
        let added = difference(None, Some(&object)).unwrap();
        assert_eq!(
            (added.before, &added.after),
            (Fields::new(), &fields(&[("name", text("Sales"))]))
        );
        let removed = difference(Some(&object), None).unwrap();
        assert_eq!((removed.before, removed.after), (added.after, Fields::new()));
    }

    #[test]
    fn a_secret_is_recorded_as_set_or_changed_and_nothing_else() {
        let with = |secret: Option<&[u8]>| Snapshot::default().secret("token", secret);
        let cases = [
            (with(None), with(Some(b"one")), FieldValue::Null, text("set")),
            (with(Some(b"one")), with(Some(b"two")), text("set"), text("changed")),
            (with(Some(b"two")), with(None), text("set"), FieldValue::Null),
        ];
        for (before, after, was, is) in cases {
            let changed = difference(Some(&before), Some(&after)).unwrap();
            assert_eq!(changed.before, fields(&[("token", was)]));
            assert_eq!(changed.after, fields(&[("token", is)]));
        }
        assert_eq!(difference(Some(&with(Some(b"one"))), Some(&with(Some(b"one")))), None);
    }

    #[test]
    fn the_query_of_a_url_is_recorded_as_set_or_changed() {
        let with = |url: &str| Snapshot::default().url("url", Some(url));
        let (one, two) = (with("https://example.com/a?key=1"), with("https://example.com/a?key=2"));
        assert_eq!(one.text_of("url"), Some("https://example.com/a"));
        let changed = difference(Some(&one), Some(&two)).unwrap();
        assert_eq!(changed.before, fields(&[("url_query", text("set"))]));
        assert_eq!(changed.after, fields(&[("url_query", text("changed"))]));
        for reply in ["Hello? See https://example.com", "https://example.com", ""] {
            assert_eq!(with(reply), Snapshot::default().text("url", Some(reply)));
        }
    }

    #[test]
    fn a_long_text_is_recorded_by_its_length_and_digest() {
        let long = |letter: &str| Snapshot::default().text("prompt", Some(&letter.repeat(1_001)));
        let changed = difference(Some(&long("a")), Some(&long("é"))).unwrap();
        let (before, after) = (&changed.before["prompt"], &changed.after["prompt"]);
        assert_ne!(before, after);
        for value in [before, after] {
            let FieldValue::Text(text) = value else { panic!("{value:?}") };
            assert!(text.starts_with("1001 characters, SHA-256 "), "{text}");
        }
        assert_eq!(format!("{before:?}"), "Text(…)");
    }
}
