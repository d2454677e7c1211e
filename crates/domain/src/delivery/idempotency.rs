//! What distinguishes a new request from a repeated one.

use std::fmt;

/// Maximum length of a key in characters.
const MAX_KEY: usize = 200;

/// The name that a client gives to a request, so that a repeated one changes nothing: 1 to 200 printable ASCII characters.
#[derive(Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

/// The text is not an idempotency key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must have 1 to 200 printable ASCII characters")]
pub struct InvalidIdempotencyKey;

impl IdempotencyKey {
    /// Checks a key.
    pub fn parse(text: &str) -> Result<Self, InvalidIdempotencyKey> {
        let is_printable = text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        if text.is_empty() || text.len() > MAX_KEY || !is_printable {
            return Err(InvalidIdempotencyKey);
        }
        Ok(Self(text.to_owned()))
    }

    /// The key of the stored message. Never the id of a delivery, which is the key of a message without one.
    pub fn reply_key(&self) -> String {
        format!("key {}", self.0)
    }

    /// The key as the client sent it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Shows no text: a client may make keys of phone numbers.
impl fmt::Debug for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdempotencyKey").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::IdempotencyKey;

    #[test]
    fn a_key_is_short_and_printable() {
        for key in ["a", " ~", &*"k".repeat(200)] {
            assert_eq!(IdempotencyKey::parse(key).unwrap().as_str(), key);
        }
        for key in ["", "a\n", "é", &*"k".repeat(201)] {
            assert!(IdempotencyKey::parse(key).is_err(), "{key:?}");
        }
    }
}
