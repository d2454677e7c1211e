//! Signatures of requests (Standard Webhooks 1.0, "Signature scheme").

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use switchboard_domain::time::Timestamp;
use zeroize::Zeroizing;

/// Lengths that a secret may have, in bytes (Standard Webhooks 1.0, "Signing secret").
const LENGTHS: std::ops::RangeInclusive<usize> = 24..=64;

/// What requests to decision services are signed with, so that these know who asks. `Debug` shows nothing of it, and
/// the memory is zeroed on drop.
pub struct SigningSecret(Zeroizing<Vec<u8>>);

/// The secret is too short to be safe, or longer than the receivers' libraries take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a signing secret has 24 to 64 bytes, and this one has {bytes}")]
pub struct SecretLengthError {
    /// How long it is.
    pub bytes: usize,
}

impl SigningSecret {
    /// Takes 24 to 64 random bytes. Receivers get them in base64, after `whsec_`.
    pub fn new(bytes: Vec<u8>) -> Result<Self, SecretLengthError> {
        let secret = Self(Zeroizing::new(bytes));
        if LENGTHS.contains(&secret.0.len()) {
            Ok(secret)
        } else {
            Err(SecretLengthError { bytes: secret.0.len() })
        }
    }

    /// The value of `webhook-signature`. The id MUST NOT hold a full stop, which ends it.
    pub(super) fn sign(&self, id: &str, at: Timestamp, body: &[u8]) -> String {
        // The key is made each time: what it holds would not be zeroed.
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
    fn the_vector_of_the_standards_own_library_is_met() {
        let secret = STANDARD.decode("C2FVsBQIhrscChlQIMV+b5sSYspob7oD").unwrap();
        let signature = SigningSecret::new(secret).unwrap().sign(
            "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk",
            Timestamp::from_seconds(1_649_367_553),
            br#"{"email":"test@example.com","username":"test_user"}"#,
        );
        assert_eq!(signature, "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=");
    }

    #[test]
    fn a_secret_has_a_length_that_is_safe_and_not_shown() {
        for bytes in [0, 23, 65] {
            let refused = SigningSecret::new(vec![7; bytes]).unwrap_err();
            assert_eq!(refused, SecretLengthError { bytes });
        }
        for bytes in [24, 64] {
            assert_eq!(format!("{:?}", SigningSecret::new(vec![7; bytes]).unwrap()), "[redacted]");
        }
    }
}
