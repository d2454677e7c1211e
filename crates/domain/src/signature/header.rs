//! The value of `X-Twilio-Signature`.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// HMAC-SHA1 gives 20 bytes (RFC 2104).
pub(super) const LENGTH: usize = 20;

/// 20 bytes in base64 with padding (RFC 4648, section 4).
const ENCODED_LENGTH: usize = 28;

/// A signature as received. It proves nothing until [`verify`](super::verify) has matched it.
#[derive(Clone)]
pub struct Signature([u8; LENGTH]);

impl Signature {
    /// Parses the header's value: exactly 20 bytes in padded, standard Base64. Twilio sends no other form, so anything
    /// else returns `None`: other lengths, the URL-safe alphabet, surrounding white space.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != ENCODED_LENGTH {
            return None;
        }
        // The decoder needs room for 21 bytes, because it does not know the padding in advance.
        let mut decoded = [0; LENGTH + 1];
        let length = STANDARD.decode_slice(text, &mut decoded).ok()?;
        decoded[..length].try_into().ok().map(Self)
    }

    pub(super) const fn as_bytes(&self) -> &[u8; LENGTH] {
        &self.0
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signature(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::Signature;

    /// The first published example.
    const GENUINE: &str = "RSOYDt4T1cUTdK1PDd93/VVr8B8=";

    #[test]
    fn twenty_bytes_in_padded_standard_base64_are_accepted() {
        assert!(Signature::parse(GENUINE).is_some());
        assert!(Signature::parse("++++++++++++++++++++++++++8=").is_some());
    }

    #[test]
    fn every_truncation_and_every_extension_is_refused() {
        for length in 0..GENUINE.len() {
            assert!(Signature::parse(&GENUINE[..length]).is_none(), "{length}");
        }
        for longer in [
            format!("{GENUINE}="),
            format!("{GENUINE}\n"),
            format!(" {GENUINE}"),
            GENUINE.repeat(2),
        ] {
            assert!(Signature::parse(&longer).is_none(), "{longer}");
        }
    }

    #[test]
    fn anything_but_the_canonical_base64_of_twenty_bytes_is_refused() {
        let wrong = [
            "RSOYDt4T1cUTdK1PDd93_VVr8B8=", // the URL-safe alphabet
            "RSOYDt4T1cUTdK1PDd93/VVr8B9=", // bits beyond the last byte
            "RSOYDt4T1cUTdK1PDd93/VVr8B8A", // 21 bytes
            "RSOYDt4T1cUTdK1PDd93/VVr8A==", // 19 bytes
            "RSOYDt4T1cUTdK1PDd93/VVr8B8 ",
            "RSOYDt4T1cUTdK1PDd93/VVr8B8\n",
            "RSOYDt4T1cUTdK1PDd93/VVr8é=",
            "============================",
        ];
        for text in wrong {
            assert!(Signature::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn debug_does_not_show_the_signature() {
        assert_eq!(format!("{:?}", Signature::parse(GENUINE).unwrap()), "Signature(…)");
    }
}
