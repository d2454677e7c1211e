//! Keys, prepared once and used for every request.

use std::fmt;
use std::sync::LazyLock;

use ring::hmac;

use super::header::Signature;
use crate::secret::Secret;

/// An auth token, prepared for HMAC-SHA1 (Twilio, Security: "Validating Requests").
#[derive(Clone)]
pub struct SigningKey {
    key: hmac::Key,
    /// A decoy does the work of a key and opens nothing.
    opens: bool,
}

static DECOY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey {
    key: hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, b"this key opens nothing"),
    opens: false,
});

impl SigningKey {
    /// Prepares an auth token. There is no key for an empty one: everybody could sign with that.
    pub fn new(token: &Secret) -> Option<Self> {
        let token = token.expose().as_bytes();
        if token.is_empty() {
            return None;
        }
        Some(Self { key: hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, token), opens: true })
    }

    /// A key that no signature fits, whoever made it. Verifying with it costs what verifying with a real key
    /// costs, so the time of a refusal does not tell whether an account is ours.
    pub fn decoy() -> Self {
        DECOY.clone()
    }

    pub(super) fn decoys() -> &'static [Self] {
        std::slice::from_ref(&DECOY)
    }

    /// Whether the signature is this key's over the message, compared in constant time.
    pub(super) fn fits(&self, message: &[u8], signature: &Signature) -> bool {
        hmac::verify(&self.key, message, signature.as_bytes()).is_ok() && self.opens
    }

    pub(super) fn sign(&self, message: &[u8]) -> hmac::Tag {
        hmac::sign(&self.key, message)
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
    fn an_empty_token_is_no_key() {
        assert!(SigningKey::new(&Secret::new(String::new())).is_none());
    }

    #[test]
    fn a_signature_that_the_decoy_itself_made_does_not_fit_the_decoy() {
        let decoy = SigningKey::decoy();
        let own = Signature::parse(&STANDARD.encode(decoy.sign(b"message"))).unwrap();
        assert!(!decoy.fits(b"message", &own));
    }

    #[test]
    fn debug_shows_nothing_of_the_token() {
        let key = SigningKey::new(&Secret::new("deadbeef".to_owned())).unwrap();
        assert_eq!(format!("{key:?}"), "SigningKey([redacted])");
    }
}
