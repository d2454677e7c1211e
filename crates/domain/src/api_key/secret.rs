//! The secret of a key, and the digest by which it is recognized.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};

use crate::secret::Secret;

/// What every key begins with, so that people and scanners of leaked secrets recognize one.
pub const KEY_PREFIX: &str = "sbk_";
/// The number of random bytes of a key.
pub const KEY_BYTES: usize = 32;
/// The length of a key: the prefix, and the random bytes in base64 without padding.
const KEY_LENGTH: usize = KEY_PREFIX.len() + (KEY_BYTES * 8).div_ceil(6);

/// The SHA-256 digest of a key, which is stored in its place. A key has 256 random bits, so nobody finds one by trying,
/// and a slow hash would protect nothing. `Debug` shows nothing of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyDigest([u8; 32]);

impl KeyDigest {
    /// The key of these random bytes, and its digest.
    pub fn new_key(random: &[u8; KEY_BYTES]) -> (Secret, Self) {
        let key = Secret::new(format!("{KEY_PREFIX}{}", URL_SAFE_NO_PAD.encode(random)));
        let digest = Self::of(key.expose());
        (key, digest)
    }

    /// The digest of a text that a client presents; `None` if it cannot be a key.
    pub fn of_presented(text: &str) -> Option<Self> {
        let random = text.strip_prefix(KEY_PREFIX).filter(|_| text.len() == KEY_LENGTH)?;
        URL_SAFE_NO_PAD.decode(random).ok()?;
        Some(Self::of(text))
    }

    /// The digest from its bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The SHA-256 digest, as it is stored.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    fn of(text: &str) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest(&SHA256, text.as_bytes()).as_ref());
        Self(bytes)
    }
}

impl fmt::Debug for KeyDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyDigest")
    }
}

#[cfg(test)]
mod tests {
    use super::{KEY_LENGTH, KeyDigest};

    #[test]
    fn a_key_is_recognized_by_its_digest() {
        let (key, digest) = KeyDigest::new_key(&[7; 32]);
        assert_eq!(key.expose().len(), KEY_LENGTH);
        assert_eq!(KeyDigest::of_presented(key.expose()), Some(digest));
        let (other, _) = KeyDigest::new_key(&[8; 32]);
        assert_ne!(KeyDigest::of_presented(other.expose()), Some(digest));
        assert_eq!(format!("{digest:?}"), "KeyDigest");
    }

    #[test]
    fn what_cannot_be_a_key_has_no_digest() {
        let (key, _) = KeyDigest::new_key(&[7; 32]);
        let key = key.expose();
        let wrong = [
            &key[1..],
            &key[..key.len() - 1],
            &format!("{key}A"),
            &key.replace("sbk_", "sbk-"),
            "",
        ];
        for text in wrong {
            assert_eq!(KeyDigest::of_presented(text), None, "{text}");
        }
        assert_eq!(KeyDigest::of_presented(&key.replace("Bw", "é")), None);
    }
}
