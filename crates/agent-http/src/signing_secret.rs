//! Signatures of requests (Standard Webhooks 1.0, "Signature scheme").

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use switchboard_domain::secret::Secret;
use switchboard_domain::time::Timestamp;
use zeroize::Zeroizing;

/// The allowed lengths of a secret, in bytes (Standard Webhooks 1.0, "Signing secret").
const LENGTHS: std::ops::RangeInclusive<usize> = 24..=64;

/// The prefix of a secret in its text form (Standard Webhooks 1.0, "Signing secret").
const PREFIX: &str = "whsec_";

/// A secret that signs requests. `Debug` redacts it, and its memory is zeroed on drop.
pub struct SigningSecret(Zeroizing<Vec<u8>>);

/// The secret is shorter than is safe, or longer than receiving libraries accept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a signing secret must have 24 to 64 bytes, not {bytes}")]
pub struct SecretLengthError {
    /// The actual length, in bytes.
    pub bytes: usize,
}

impl SigningSecret {
    /// Wraps 24 to 64 random bytes. Receivers get them as `whsec_` followed by base64.
    pub fn new(bytes: Vec<u8>) -> Result<Self, SecretLengthError> {
        let secret = Self(Zeroizing::new(bytes));
        if LENGTHS.contains(&secret.0.len()) {
            Ok(secret)
        } else {
            Err(SecretLengthError { bytes: secret.0.len() })
        }
    }

    /// Parses `whsec_` followed by base64, as receivers get it.
    pub(crate) fn parse(secret: &Secret) -> Option<Self> {
        let encoded = secret.expose().strip_prefix(PREFIX)?;
        Self::new(STANDARD.decode(encoded).ok()?).ok()
    }

    /// The value of `webhook-signature`. The ID MUST NOT contain a period, which is the delimiter.
    pub(crate) fn sign(&self, id: &str, at: Timestamp, body: &[u8]) -> String {
        // Created for each request, because its memory is not zeroed.
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.0);
        let mut context = hmac::Context::with_key(&key);
        context.update(format!("{id}.{}.", at.seconds()).as_bytes());
        context.update(body);
        format!("v1,{}", STANDARD.encode(context.sign()))
    }
}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use switchboard_domain::time::Timestamp;

    use super::{SecretLengthError, SigningSecret};

    #[test]
    fn the_signature_matches_the_vector_of_the_reference_library() {
        let secret = STANDARD.decode("C2FVsBQIhrscChlQIMV+b5sSYspob7oD").unwrap();
        let signature = SigningSecret::new(secret).unwrap().sign(
            "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk",
            Timestamp::from_seconds(1_649_367_553),
            br#"{"email":"test@example.com","username":"test_user"}"#,
        );
        assert_eq!(signature, "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=");
    }

    #[test]
    fn a_secret_must_have_a_safe_length_and_is_redacted() {
        for bytes in [0, 23, 65] {
            let refused = SigningSecret::new(vec![7; bytes]).unwrap_err();
            assert_eq!(refused, SecretLengthError { bytes });
        }
        for bytes in [24, 64] {
            assert_eq!(format!("{:?}", SigningSecret::new(vec![7; bytes]).unwrap()), "[redacted]");
        }
    }
}
