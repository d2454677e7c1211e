//! The key of session tokens.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hkdf::{HKDF_SHA256, Salt};
use ring::hmac;
use zeroize::Zeroizing;

use super::claims::BEGINNING;
use crate::sealing::{KeyError, KeyId};
use crate::secret::Secret;

/// Separates this use of an encryption key from every other one (RFC 5869, section 3.2).
const PURPOSE: &[u8] = b"switchboard/session/v1";

const BEFORE_ID: &str = r#"{"alg":"HS256","kid":""#;
/// No `typ`: nobody here has to be told what it is (RFC 7519, section 5.1), and what is signed takes a block less.
const AFTER_ID: &str = r#""}"#;

/// A key that signs session tokens. `Debug` shows its id only.
#[derive(Clone)]
pub struct SessionKey {
    id: KeyId,
    /// What each of its tokens begins with: their header, and what all claims begin with.
    beginning: String,
    material: Zeroizing<[u8; 32]>,
    key: hmac::Key,
}

impl SessionKey {
    /// Derives the key from an encryption key (HKDF, RFC 5869), whose id it shares. A voice server that
    /// is given the derived key learns nothing of the one that seals.
    pub fn derive(id: KeyId, encryption_key: &[u8; 32]) -> Result<Self, KeyError> {
        let mut material = Zeroizing::new([0; 32]);
        Salt::new(HKDF_SHA256, &[])
            .extract(encryption_key)
            .expand(&[PURPOSE], hmac::HMAC_SHA256)
            .and_then(|expanded| expanded.fill(material.as_mut_slice()))
            .map_err(|_unspecified| KeyError::Refused)?;
        let header = URL_SAFE_NO_PAD.encode(format!("{BEFORE_ID}{id}{AFTER_ID}"));
        let key = hmac::Key::new(hmac::HMAC_SHA256, material.as_slice());
        let beginning = format!("{header}.{}", URL_SAFE_NO_PAD.encode(BEGINNING));
        Ok(Self { id, beginning, material, key })
    }

    /// Its id, the `kid` of its tokens.
    pub const fn id(&self) -> &KeyId {
        &self.id
    }

    /// The key in base64url, for a voice server that checks tokens itself.
    pub fn secret_base64url(&self) -> Secret {
        Secret::new(URL_SAFE_NO_PAD.encode(self.material.as_slice()))
    }

    /// Whether its tokens have this header.
    pub(super) fn has_header(&self, header: &str) -> bool {
        self.beginning.split_once('.').is_some_and(|(own, _)| own == header)
    }

    pub(super) fn beginning(&self) -> &str {
        &self.beginning
    }

    pub(super) const fn hmac(&self) -> &hmac::Key {
        &self.key
    }
}

/// The id in a header that is of our form.
pub(super) fn id_in_header(header: &str) -> Option<KeyId> {
    let json = URL_SAFE_NO_PAD.decode(header).ok()?;
    let json = std::str::from_utf8(&json).ok()?;
    KeyId::parse(json.strip_prefix(BEFORE_ID)?.strip_suffix(AFTER_ID)?).ok()
}

impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SessionKey({})", self.id)
    }
}
