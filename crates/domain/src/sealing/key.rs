//! Encryption keys, and the ids by which they are known.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::aead::{AES_256_GCM, LessSafeKey, UnboundKey};
use ring::hkdf::{HKDF_SHA256, Salt};
use zeroize::Zeroizing;

use crate::secret::Secret;
use crate::session::SessionKey;

/// Separates this use of an encryption key from every other one (RFC 5869, section 3.2).
const PURPOSE: &[u8] = b"switchboard/sealing/v1";
/// The same for what we sign when we ask others.
const ASKING: &[u8] = b"switchboard/asking/v1";
const MAX_ID_BYTES: usize = 32;

/// The public name of a key: 1 to 32 letters, digits, `-` and `_`. It stands in tokens and in front of
/// what the key has sealed.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct KeyId(Arc<str>);

/// A key of 32 bytes, with its id. `Debug` shows the id only.
///
/// The key itself seals nothing: each use has a key of its own that is derived from it.
#[derive(Clone)]
pub struct EncryptionKey {
    id: KeyId,
    material: Zeroizing<[u8; 32]>,
    sealing: LessSafeKey,
    session: SessionKey,
}

/// Why a key is not taken. No text of it ever contains what was given.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// No colon between id and key.
    #[error("is not of the form id:base64")]
    Form,
    /// An id that is empty, too long, or has a foreign character.
    #[error("has an id that is not 1 to 32 letters, digits, - or _")]
    Id,
    /// Not base64.
    #[error("is not base64")]
    Base64,
    /// Not 32 bytes.
    #[error("has {found} bytes instead of 32")]
    Length {
        /// How many bytes it has.
        found: usize,
    },
    /// Nothing but zeros: a placeholder that was never replaced.
    #[error("is all zeros")]
    AllZero,
    /// The cryptographic library did not take it.
    #[error("is refused by the cryptographic library")]
    Refused,
}

impl KeyId {
    /// Parses an id.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        if is_key_id(text.as_bytes()) { Ok(Self(text.into())) } else { Err(KeyError::Id) }
    }

    /// The id as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl EncryptionKey {
    /// Parses `id:base64`, as it stands in the settings. White space around it is dropped.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let (id, encoded) = text.trim().split_once(':').ok_or(KeyError::Form)?;
        let id = KeyId::parse(id)?;
        let bytes =
            Zeroizing::new(STANDARD.decode(encoded).map_err(|_not_base64| KeyError::Base64)?);
        let material = bytes
            .as_slice()
            .try_into()
            .map_err(|_wrong_length| KeyError::Length { found: bytes.len() })?;
        Self::generate(id, material)
    }

    /// A new key, made of 32 random bytes.
    pub fn generate(id: KeyId, chance: [u8; 32]) -> Result<Self, KeyError> {
        let material = Zeroizing::new(chance);
        if material.iter().all(|byte| *byte == 0) {
            return Err(KeyError::AllZero);
        }
        let extracted = Salt::new(HKDF_SHA256, &[]).extract(material.as_slice());
        let expanded =
            extracted.expand(&[PURPOSE], &AES_256_GCM).map_err(|_unspecified| KeyError::Refused)?;
        let sealing = LessSafeKey::new(UnboundKey::from(expanded));
        let session = SessionKey::derive(id.clone(), &material)?;
        Ok(Self { id, material, sealing, session })
    }

    /// Its id.
    pub const fn id(&self) -> &KeyId {
        &self.id
    }

    /// The key as `id:base64`, for the settings.
    pub fn to_setting(&self) -> Secret {
        // The capacity is exact, so that no copy of the text is left behind when it grows.
        let mut text = String::with_capacity(self.id.as_str().len() + 1 + 44);
        text.push_str(self.id.as_str());
        text.push(':');
        STANDARD.encode_string(self.material.as_slice(), &mut text);
        Secret::new(text)
    }

    pub(super) const fn sealing(&self) -> &LessSafeKey {
        &self.sealing
    }

    pub(super) const fn session(&self) -> &SessionKey {
        &self.session
    }

    /// The secret that our requests to others are signed with: 32 bytes, derived, so that who is told it learns
    /// nothing of the key itself.
    pub(super) fn request_signing_secret(&self) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let mut secret = Zeroizing::new(vec![0; 32]);
        Salt::new(HKDF_SHA256, &[])
            .extract(self.material.as_slice())
            .expand(&[ASKING], ring::hmac::HMAC_SHA256)
            .and_then(|expanded| expanded.fill(secret.as_mut_slice()))
            .map_err(|_unspecified| KeyError::Refused)?;
        Ok(secret)
    }

    /// Whether both are the same key, whatever their ids are.
    pub(super) fn has_material_of(&self, other: &Self) -> bool {
        self.material == other.material
    }
}

pub(super) fn is_key_id(bytes: &[u8]) -> bool {
    let is_allowed = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=MAX_ID_BYTES).contains(&bytes.len()) && bytes.iter().all(is_allowed)
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for EncryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EncryptionKey({})", self.id)
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::{EncryptionKey, KeyError, KeyId};

    #[test]
    fn a_key_is_read_back_from_its_setting() {
        let key = EncryptionKey::generate(KeyId::parse("2026-11_a").unwrap(), [7; 32]).unwrap();
        let setting = key.to_setting();
        assert_eq!(setting.expose(), "2026-11_a:BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=");
        let read = EncryptionKey::parse(&format!(" {}\n", setting.expose())).unwrap();
        assert!(read.has_material_of(&key));
        assert_eq!(read.id(), key.id());
    }

    #[test]
    fn what_is_not_a_key_is_refused_without_being_repeated() {
        let base64 = |length| STANDARD.encode(vec![0xab; length]);
        let zero = format!("k1:{}", STANDARD.encode([0; 32]));
        let refused = [
            (String::new(), KeyError::Form, "is not of the form id:base64"),
            (base64(32), KeyError::Form, "is not of the form id:base64"),
            (
                format!(":{}", base64(32)),
                KeyError::Id,
                "has an id that is not 1 to 32 letters, digits, - or _",
            ),
            (
                format!("{}:k1", base64(32)),
                KeyError::Id,
                "has an id that is not 1 to 32 letters, digits, - or _",
            ),
            (
                format!("k 1:{}", base64(32)),
                KeyError::Id,
                "has an id that is not 1 to 32 letters, digits, - or _",
            ),
            ("k1:q6urq6ur!".to_owned(), KeyError::Base64, "is not base64"),
            ("k1:".to_owned(), KeyError::Length { found: 0 }, "has 0 bytes instead of 32"),
            (
                format!("k1:{}", base64(16)),
                KeyError::Length { found: 16 },
                "has 16 bytes instead of 32",
            ),
            (
                format!("k1:{}", base64(33)),
                KeyError::Length { found: 33 },
                "has 33 bytes instead of 32",
            ),
            (zero, KeyError::AllZero, "is all zeros"),
        ];
        for (text, reason, words) in refused {
            let error = EncryptionKey::parse(&text).unwrap_err();
            assert_eq!((&error, error.to_string().as_str()), (&reason, words));
            assert!(!format!("{error} {error:?}").contains("q6ur"));
        }
    }

    #[test]
    fn an_id_has_at_most_32_harmless_characters() {
        assert!(KeyId::parse(&"k".repeat(32)).is_ok());
        for wrong in ["", &"k".repeat(33), "é", "a.b", "a\"b"] {
            assert_eq!(KeyId::parse(wrong), Err(KeyError::Id));
        }
    }

    #[test]
    fn debug_shows_the_id_only() {
        let key = EncryptionKey::generate(KeyId::parse("k1").unwrap(), [7; 32]).unwrap();
        assert_eq!(format!("{key:?}"), "EncryptionKey(k1)");
    }
}
