//! Keys, prepared once and used for every request.

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
    /// What the token alone contributes to every signature, worked out once.
    begun: Hmac<Sha1>,
    /// A decoy does the work of a key and opens nothing.
    opens: bool,
}

static DECOY: LazyLock<SigningKey> =
    LazyLock::new(|| SigningKey { begun: Hmac::new(&Key::<Hmac<Sha1>>::default()), opens: false });

impl SigningKey {
    /// Prepares an auth token. There is no key for an empty one: everybody could sign with that.
    pub fn new(token: &Secret) -> Option<Self> {
        let token = token.expose().as_bytes();
        if token.is_empty() {
            return None;
        }
        // HMAC takes keys of any length (RFC 2104), so there is no error to tell of.
        Some(Self { begun: Hmac::new_from_slice(token).ok()?, opens: true })
    }

    /// A key that no signature fits, whoever made it. Verifying with it costs what verifying with a real key
    /// costs, so the time of a refusal does not tell whether an account is ours.
    pub fn decoy() -> Self {
        DECOY.clone()
    }

    pub(super) fn decoys() -> &'static [Self] {
        std::slice::from_ref(&DECOY)
    }

    /// Whether the signature is this key's over the parts of a message, compared in constant time.
    pub(super) fn verifies(&self, message: [&[u8]; 2], signature: &Signature) -> bool {
        self.finished(message).verify(signature.as_bytes().into()).is_ok() && self.opens
    }

    pub(super) fn sign(&self, message: [&[u8]; 2]) -> [u8; LENGTH] {
        self.finished(message).finalize().into_bytes().into()
    }

    fn finished(&self, [start, rest]: [&[u8]; 2]) -> Hmac<Sha1> {
        self.begun.clone().chain_update(start).chain_update(rest)
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
        let own = Signature::parse(&STANDARD.encode(decoy.sign([b"mess", b"age"]))).unwrap();
        assert!(!decoy.verifies([b"message", b""], &own));
    }

    #[test]
    fn debug_shows_nothing_of_the_token() {
        let key = SigningKey::new(&Secret::new("deadbeef".to_owned())).unwrap();
        assert_eq!(format!("{key:?}"), "SigningKey([redacted])");
    }
}
