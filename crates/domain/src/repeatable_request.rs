//! Requests of API clients with an idempotency key: a repeated one is answered again and changes nothing.

use std::fmt;

use ring::digest::{Context, SHA256};

use crate::identifier::ApiKeyId;

/// For how many seconds an idempotency key and its answer are kept.
pub const KEPT_SECONDS: i64 = 24 * 3_600;

/// A SHA-256 digest of texts, which is stored in their place. `Debug` shows nothing of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestDigest([u8; 32]);

impl RequestDigest {
    /// The digest of these parts. Each part is preceded by its length, so text that shifts from one part into the next is
    /// another digest.
    pub fn of(parts: &[&[u8]]) -> Self {
        let mut context = Context::new(&SHA256);
        for part in parts {
            // A length in memory always fits into 64 bits.
            context.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            context.update(part);
        }
        let mut bytes = [0; 32];
        bytes.copy_from_slice(context.finish().as_ref());
        Self(bytes)
    }

    /// The digest from its bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The digest, as it is stored.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for RequestDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RequestDigest")
    }
}

/// A request with an idempotency key. Keys of different API keys are independent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepeatableRequest {
    /// The API key that authorized the request.
    pub api_key: ApiKeyId,
    /// The digest of the idempotency key.
    pub key: RequestDigest,
    /// The digest of everything that makes up the request: a request with another digest is another request.
    pub content: RequestDigest,
}

#[cfg(test)]
mod tests {
    use super::RequestDigest;

    #[test]
    fn a_digest_is_of_the_parts_and_of_where_they_end() {
        let of = |parts: &[&str]| {
            RequestDigest::of(&parts.iter().map(|part| part.as_bytes()).collect::<Vec<_>>())
        };
        assert_eq!(of(&["a", "b"]), of(&["a", "b"]));
        for other in [&["ab"][..], &["ab", ""], &["", "ab"], &["b", "a"], &["a", "b", ""], &[]] {
            assert_ne!(of(&["a", "b"]), of(other), "{other:?}");
        }
        assert_eq!(format!("{:?}", of(&["a"])), "RequestDigest");
    }
}
