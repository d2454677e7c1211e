//! The `state` of links by which accounts are connected.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;

use super::SessionKeys;
use crate::secret::Secret;

/// Separates this use of a key from those of other tokens.
const PURPOSE: &str = "switchboard/connect/v1";
/// The number of random bytes.
pub const STATE_BYTES: usize = 24;
/// Random bytes in base64, a dot, and the signature in base64.
const STATE_LENGTH: usize = (STATE_BYTES * 8).div_ceil(6) + 1 + (32_usize * 8).div_ceil(6);

impl SessionKeys {
    /// The `state` of these random bytes. It is signed, so that a forged one is recognized without the store.
    pub fn connect_state(&self, random: &[u8; STATE_BYTES]) -> Secret {
        let random = URL_SAFE_NO_PAD.encode(random);
        let tag = hmac::sign(self.signing_key().hmac(), signed_text(&random).as_bytes());
        Secret::new(format!("{random}.{}", URL_SAFE_NO_PAD.encode(tag)))
    }

    /// Whether a text is a `state` that was made here. It says nothing about whether it was used, or has expired.
    pub fn is_connect_state(&self, text: &str) -> bool {
        let Some((random, tag)) = text.split_once('.').filter(|_| text.len() == STATE_LENGTH)
        else {
            return false;
        };
        let Ok(tag) = URL_SAFE_NO_PAD.decode(tag) else { return false };
        let text = signed_text(random);
        let mut keys = self.all_keys();
        keys.any(|key| hmac::verify(key.hmac(), text.as_bytes(), &tag).is_ok())
    }
}

fn signed_text(random: &str) -> String {
    format!("{PURPOSE}\n{random}")
}

#[cfg(test)]
mod tests {
    use super::{STATE_BYTES, STATE_LENGTH};
    use crate::sealing::{EncryptionKey, KeyId, Keyring};
    use crate::session::SessionKeys;

    fn keys(byte: u8) -> SessionKeys {
        let key = EncryptionKey::generate(KeyId::parse("k1").unwrap(), [byte; 32]).unwrap();
        Keyring::new(vec![key]).unwrap().session_keys()
    }

    #[test]
    fn only_a_state_that_was_made_here_is_recognized() {
        let state = keys(1).connect_state(&[7; STATE_BYTES]);
        let state = state.expose();
        assert_eq!(state.len(), STATE_LENGTH);
        assert!(keys(1).is_connect_state(state));
        assert!(!keys(2).is_connect_state(state));
        let other = keys(1).connect_state(&[8; STATE_BYTES]);
        let (random, _) = other.expose().split_once('.').unwrap();
        let (_, tag) = state.split_once('.').unwrap();
        for forged in ["", ".", &state[1..], &format!("{random}.{tag}"), &state.replace('.', "-")] {
            assert!(!keys(1).is_connect_state(forged), "{forged}");
        }
    }
}
