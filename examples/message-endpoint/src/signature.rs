//! Signatures of deliveries (Standard Webhooks 1.0, "Verifying signatures").

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;

/// The largest difference between the clocks of sender and receiver, in seconds. An older delivery may be a replay.
const TOLERANCE: u64 = 5 * 60;

/// The secret of an agent's endpoint.
pub struct Secret(hmac::Key);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// The text is not a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a secret starts with whsec_, followed by base64")]
pub struct SecretError;

/// Why a delivery is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The header `webhook-timestamp` is missing or not a number of seconds.
    #[error("webhook-timestamp is not a number")]
    Timestamp,
    /// The delivery is too old, or the clocks differ.
    #[error("webhook-timestamp differs from the clock by more than five minutes")]
    Stale,
    /// No signature is right.
    #[error("no signature in webhook-signature is right")]
    Wrong,
}

impl Secret {
    /// Reads a secret of the form `whsec_…`.
    pub fn parse(text: &str) -> Result<Self, SecretError> {
        let encoded = text.strip_prefix("whsec_").ok_or(SecretError)?;
        let key = STANDARD.decode(encoded).map_err(|_cause| SecretError)?;
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, &key)))
    }

    /// Verifies a delivery by its headers. While a secret is replaced, `signatures` contains one by each secret.
    pub fn verify(
        &self,
        id: &str,
        timestamp: &str,
        signatures: &str,
        body: &[u8],
        now: u64,
    ) -> Result<(), SignatureError> {
        let at: u64 = timestamp.parse().map_err(|_cause| SignatureError::Timestamp)?;
        if at.abs_diff(now) > TOLERANCE {
            return Err(SignatureError::Stale);
        }
        let signed = [id.as_bytes(), b".", timestamp.as_bytes(), b".", body].concat();
        let is_right = |signature: &str| {
            let encoded = signature.strip_prefix("v1,").unwrap_or_default();
            STANDARD.decode(encoded).is_ok_and(|tag| hmac::verify(&self.0, &signed, &tag).is_ok())
        };
        if signatures.split(' ').any(is_right) { Ok(()) } else { Err(SignatureError::Wrong) }
    }
}

#[cfg(test)]
mod tests {
    use super::{Secret, SecretError, SignatureError};

    /// The example of the specification.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const AT: &str = "1614265330";
    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    #[test]
    fn the_published_example_is_accepted_and_any_change_is_refused() {
        let (secret, now) = (Secret::parse(SECRET).unwrap(), 1_614_265_330);
        assert_eq!(secret.verify(ID, AT, SIGNATURE, BODY, now), Ok(()));
        let two = format!("v1,AAAA {SIGNATURE}");
        assert_eq!(secret.verify(ID, AT, &two, BODY, now + 300), Ok(()));
        let refused = |id, at, signature, body, now| secret.verify(id, at, signature, body, now);
        let wrong = Err(SignatureError::Wrong);
        assert_eq!(refused("msg_other", AT, SIGNATURE, BODY, now), wrong);
        assert_eq!(refused(ID, AT, SIGNATURE, b"{}", now), wrong);
        assert_eq!(refused(ID, AT, &SIGNATURE[3..], BODY, now), wrong);
        assert_eq!(refused(ID, AT, "", BODY, now), wrong);
        assert_eq!(refused(ID, "1614265331", SIGNATURE, BODY, now), wrong);
        assert_eq!(refused(ID, "", SIGNATURE, BODY, now), Err(SignatureError::Timestamp));
        assert_eq!(refused(ID, AT, SIGNATURE, BODY, now + 301), Err(SignatureError::Stale));
        assert_eq!(Secret::parse("secret").unwrap_err(), SecretError);
    }
}
