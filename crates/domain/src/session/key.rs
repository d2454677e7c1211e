//! The key that signs session tokens.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hkdf::{HKDF_SHA256, Salt};
use ring::hmac;
use zeroize::Zeroizing;

use super::claims::PREFIX;
use crate::sealing::{KeyError, KeyId};
use crate::secret::Secret;

/// HKDF `info`: separates this use of an encryption key from every other one (RFC 5869, section 3.2).
const INFO: &[u8] = b"switchboard/session/v1";

const BEFORE_ID: &str = r#"{"alg":"HS256","kid":""#;
/// Without `typ`, which is optional (RFC 7519, section 5.1): the signed text takes one SHA-256 block less.
const AFTER_ID: &str = r#""}"#;

/// A key that signs session tokens. `Debug` shows its id only.
#[derive(Clone)]
pub struct SessionKey {
    id: KeyId,
    /// The first characters of every token: the header and the encoded [`PREFIX`] of the claims.
    token_prefix: String,
    material: Zeroizing<[u8; 32]>,
    key: hmac::Key,
}

impl SessionKey {
    /// Derives the key from an encryption key (HKDF, RFC 5869). It has the same id. Sharing the derived key with a voice
    /// server reveals nothing about the encryption key.
    pub fn derive(id: KeyId, encryption_key: &[u8; 32]) -> Result<Self, KeyError> {
        let mut material = Zeroizing::new([0; 32]);
        Salt::new(HKDF_SHA256, &[])
            .extract(encryption_key)
            .expand(&[INFO], hmac::HMAC_SHA256)
            .and_then(|expanded| expanded.fill(material.as_mut_slice()))
            .map_err(|_unspecified| KeyError::Refused)?;
        let header = URL_SAFE_NO_PAD.encode(format!("{BEFORE_ID}{id}{AFTER_ID}"));
        let key = hmac::Key::new(hmac::HMAC_SHA256, material.as_slice());
        let token_prefix = format!("{header}.{}", URL_SAFE_NO_PAD.encode(PREFIX));
        Ok(Self { id, token_prefix, material, key })
    }

    /// Id of the key, the `kid` of its tokens.
    pub const fn id(&self) -> &KeyId {
        &self.id
    }

    /// The key in Base64url, for a voice server that checks tokens itself.
    pub fn secret_base64url(&self) -> Secret {
        Secret::new(URL_SAFE_NO_PAD.encode(self.material.as_slice()))
    }

    /// Whether tokens of this key have this header.
    pub(super) fn has_header(&self, header: &str) -> bool {
        self.token_prefix.split_once('.').is_some_and(|(own, _)| own == header)
    }

    pub(super) fn token_prefix(&self) -> &str {
        &self.token_prefix
    }

    pub(super) const fn hmac(&self) -> &hmac::Key {
        &self.key
    }
}

/// The key id in a header of our form; `None` for any other header.
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
