//! Encryption keys and their ids.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::aead::{AES_256_GCM, LessSafeKey, UnboundKey};
use ring::hkdf::{HKDF_SHA256, Salt};
use zeroize::Zeroizing;

use crate::identifier::OrganizationId;
use crate::secret::Secret;
use crate::session::SessionKey;

/// HKDF `info`: separates this use of an encryption key from every other one (RFC 5869, section 3.2).
const SEALING_INFO: &[u8] = b"switchboard/sealing/v1";
/// HKDF `info` of the secrets that sign outgoing requests; the organization's id follows.
const REQUEST_SIGNING_INFO: &[u8] = b"switchboard/asking/v2/";
const MAX_ID_BYTES: usize = 32;

/// Id of a key: 1 to 32 letters, digits, `-` and `_`. It is public: session tokens and sealed secrets carry it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct KeyId(Arc<str>);

/// A key of 32 bytes, with its id. `Debug` shows the id only.
///
/// The key itself encrypts nothing: each use has its own key, derived by HKDF.
#[derive(Clone)]
pub struct EncryptionKey {
    id: KeyId,
    material: Zeroizing<[u8; 32]>,
    sealing: LessSafeKey,
    session: SessionKey,
}

/// A key is not accepted. The error never contains the input.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// There is no colon between id and key.
    #[error("is not of the form id:base64")]
    Form,
    /// The id is empty, too long, or has an invalid character.
    #[error("has an id that is not 1 to 32 letters, digits, - or _")]
    Id,
    /// The key is not Base64.
    #[error("is not base64")]
    Base64,
    /// The key does not have 32 bytes.
    #[error("has {found} bytes instead of 32")]
    Length {
        /// Length of the given key in bytes.
        found: usize,
    },
    /// The key is all zeros: a placeholder that was never replaced.
    #[error("is all zeros")]
    AllZero,
    /// The cryptographic library refused the key.
    #[error("is refused by the cryptographic library")]
    Refused,
}

impl KeyId {
    /// Parses an id.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        if is_key_id(text.as_bytes()) { Ok(Self(text.into())) } else { Err(KeyError::Id) }
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl EncryptionKey {
    /// Parses `id:base64`, the form used in the settings. Surrounding white space is ignored.
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

    /// Creates a key from 32 random bytes.
    pub fn generate(id: KeyId, random: [u8; 32]) -> Result<Self, KeyError> {
        let material = Zeroizing::new(random);
        if material.iter().all(|byte| *byte == 0) {
            return Err(KeyError::AllZero);
        }
        let extracted = Salt::new(HKDF_SHA256, &[]).extract(material.as_slice());
        let expanded = extracted
            .expand(&[SEALING_INFO], &AES_256_GCM)
            .map_err(|_unspecified| KeyError::Refused)?;
        let sealing = LessSafeKey::new(UnboundKey::from(expanded));
        let session = SessionKey::derive(id.clone(), &material)?;
        Ok(Self { id, material, sealing, session })
    }

    /// Id of the key.
    pub const fn id(&self) -> &KeyId {
        &self.id
    }

    /// The key as `id:base64`, the form used in the settings.
    pub fn to_setting(&self) -> Secret {
        // The exact capacity prevents a reallocation, which would leave a copy of the secret in memory.
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

    /// The secret that signs requests to the decision services of an organization: 32 bytes, derived, so that sharing it
    /// reveals nothing about the key itself or the secrets of other organizations.
    pub(super) fn request_signing_secret(
        &self,
        organization: &OrganizationId,
    ) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let mut secret = Zeroizing::new(vec![0; 32]);
        Salt::new(HKDF_SHA256, &[])
            .extract(self.material.as_slice())
            .expand(
                &[REQUEST_SIGNING_INFO, organization.as_str().as_bytes()],
                ring::hmac::HMAC_SHA256,
            )
            .and_then(|expanded| expanded.fill(secret.as_mut_slice()))
            .map_err(|_unspecified| KeyError::Refused)?;
        Ok(secret)
    }

    /// Whether both are the same key, regardless of their ids.
    pub(super) fn has_same_material_as(&self, other: &Self) -> bool {
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
    fn a_key_parses_back_from_its_setting() {
        let key = EncryptionKey::generate(KeyId::parse("2026-11_a").unwrap(), [7; 32]).unwrap();
        let setting = key.to_setting();
        assert_eq!(setting.expose(), "2026-11_a:BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=");
        let read = EncryptionKey::parse(&format!(" {}\n", setting.expose())).unwrap();
        assert!(read.has_same_material_as(&key));
        assert_eq!(read.id(), key.id());
    }

    #[test]
    fn an_invalid_key_is_refused_and_not_echoed() {
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
        for (text, reason, message) in refused {
            let error = EncryptionKey::parse(&text).unwrap_err();
            assert_eq!((&error, error.to_string().as_str()), (&reason, message));
            assert!(!format!("{error} {error:?}").contains("q6ur"));
        }
    }

    #[test]
    fn an_id_has_at_most_32_valid_characters() {
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
