//! Signing keys, prepared once and used for every request.

use std::fmt;
use std::sync::LazyLock;

use hmac::digest::Key;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use super::header::{LENGTH, Signature};
use crate::secret::Secret;

/// An auth token, prepared for HMAC-SHA1 (Twilio, Security: "Validating Requests").
#[derive(Clone)]
pub struct SigningKey {
    /// The HMAC state after the key, computed once.
    keyed: Hmac<Sha1>,
    /// `false` for a decoy, which costs as much as a key and matches no signature.
    can_match: bool,
}

static DECOY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey {
    keyed: Hmac::new(&Key::<Hmac<Sha1>>::default()),
    can_match: false,
});

impl SigningKey {
    /// Prepares an auth token. Returns `None` for an empty token, with which anyone could sign.
    pub fn new(token: &Secret) -> Option<Self> {
        let token = token.expose().as_bytes();
        if token.is_empty() {
            return None;
        }
        // HMAC accepts keys of any length (RFC 2104), so this does not fail.
        Some(Self { keyed: Hmac::new_from_slice(token).ok()?, can_match: true })
    }

    /// A key that matches no signature. Verifying with it costs as much as with a real key, so the time of a refusal
    /// does not reveal whether an account is known.
    pub fn decoy() -> Self {
        DECOY.clone()
    }

    /// Whether this is a decoy, which stands for a missing token.
    pub const fn is_decoy(&self) -> bool {
        !self.can_match
    }

    pub(super) fn decoys() -> &'static [Self] {
        std::slice::from_ref(&DECOY)
    }

    /// Whether this key signed the concatenated parts of the message. Compares in constant time.
    pub(super) fn verifies(&self, message: [&[u8]; 2], signature: &Signature) -> bool {
        self.finished(message).verify(signature.as_bytes().into()).is_ok() && self.can_match
    }

    pub(super) fn sign(&self, message: [&[u8]; 2]) -> [u8; LENGTH] {
        self.finished(message).finalize().into_bytes().into()
    }

    fn finished(&self, [start, rest]: [&[u8]; 2]) -> Hmac<Sha1> {
        self.keyed.clone().chain_update(start).chain_update(rest)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::{Signature, SigningKey};
    use crate::secret::Secret;

    #[test]
    fn an_empty_token_makes_no_key() {
        assert!(SigningKey::new(&Secret::new(String::new())).is_none());
    }

    #[test]
    fn the_decoy_does_not_match_its_own_signature() {
        let decoy = SigningKey::decoy();
        let own = Signature::parse(&STANDARD.encode(decoy.sign([b"mess", b"age"]))).unwrap();
        assert!(!decoy.verifies([b"message", b""], &own));
    }

    #[test]
    fn debug_shows_nothing_of_the_token() {
        let key = SigningKey::new(&Secret::new("deadbeef".to_owned())).unwrap();
        assert_eq!(format!("{key:?}"), "SigningKey([redacted])");
    }
}
