//! The encryption keys of an installation: the first seals, all open.

use std::fmt;

use ring::aead::{Aad, Nonce};
use zeroize::Zeroizing;

use super::SecretVersion;
use super::associated_data::AssociatedData;
use super::key::{EncryptionKey, KeyError, KeyId};
use super::sealed::{NONCE_LENGTH, Sealed, TAG_LENGTH, header};
use crate::identifier::OrganizationId;
use crate::secret::Secret;
use crate::session::SessionKeys;

/// Maximum length of a secret in bytes. Tokens and keys have a few dozen.
pub const MAX_SECRET_BYTES: usize = 64 * 1024;

/// The encryption keys of an installation. `Debug` shows their ids only.
#[derive(Clone)]
pub struct Keyring {
    first: EncryptionKey,
    others: Vec<EncryptionKey>,
}

/// A list of keys is not accepted. The error never contains a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyringError {
    /// The list is empty.
    #[error("no encryption key is given")]
    Empty,
    /// A key of the list is invalid.
    #[error("encryption key {position} of the list is invalid")]
    Key {
        /// Position in the list, from 1.
        position: usize,
        /// Why the key is invalid.
        source: KeyError,
    },
    /// Two keys have the same id, so only one of them could be found.
    #[error("two encryption keys have the id {id}")]
    SameId {
        /// The shared id.
        id: KeyId,
    },
    /// The same key is listed under two ids, so rotating from one to the other would change nothing.
    #[error("encryption keys {first} and {second} are the same key")]
    SameKey {
        /// The id listed first.
        first: KeyId,
        /// The id listed second.
        second: KeyId,
    },
}

/// A secret cannot be sealed. A retry has the same result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The secret is longer than [`MAX_SECRET_BYTES`].
    #[error("the secret is longer than 64 KiB")]
    TooLong,
    /// The cryptographic library refused to encrypt it.
    #[error("the cryptographic library refused to encrypt the secret")]
    Refused,
}

/// A sealed secret cannot be opened. A retry has the same result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The key that sealed the secret is not in the keyring.
    #[error("{location} is encrypted with key {id}, which is not among the encryption keys")]
    UnknownKey {
        /// Id of the missing key.
        id: KeyId,
        /// Table, column and row.
        location: String,
    },
    /// The bytes are not a sealed secret.
    #[error("{location} is not an encrypted secret")]
    Corrupt {
        /// Table, column and row.
        location: String,
    },
    /// Authenticated decryption failed: the secret was sealed for another location or version, by another key with the
    /// same id, or modified.
    #[error(
        "{location} cannot be decrypted with key {id}: it was encrypted for another row or with another key of that id, was modified, or is one that has been replaced"
    )]
    AuthenticationFailed {
        /// Id of the key that was used.
        id: KeyId,
        /// Table, column and row.
        location: String,
    },
}

impl Keyring {
    /// Parses `id:base64,id:base64`, the form used in the settings. The first key seals, all open.
    pub fn parse(text: &str) -> Result<Self, KeyringError> {
        if text.trim().is_empty() {
            return Err(KeyringError::Empty);
        }
        let parse = |(index, text)| {
            EncryptionKey::parse(text)
                .map_err(|source| KeyringError::Key { position: index + 1, source })
        };
        Self::new(text.split(',').enumerate().map(parse).collect::<Result<_, _>>()?)
    }

    /// Creates a keyring. The first key seals, all open.
    pub fn new(keys: Vec<EncryptionKey>) -> Result<Self, KeyringError> {
        for (index, key) in keys.iter().enumerate() {
            for earlier in &keys[..index] {
                if earlier.id() == key.id() {
                    return Err(KeyringError::SameId { id: key.id().clone() });
                }
                if earlier.has_same_material_as(key) {
                    let (first, second) = (earlier.id().clone(), key.id().clone());
                    return Err(KeyringError::SameKey { first, second });
                }
            }
        }
        let mut keys = keys.into_iter();
        let first = keys.next().ok_or(KeyringError::Empty)?;
        Ok(Self { first, others: keys.collect() })
    }

    /// Seals a secret for its location with the first key. It opens only with this version.
    ///
    /// `nonce` is 12 random bytes, new for every call: AES-GCM is broken if a nonce is reused with the same key.
    pub fn seal(
        &self,
        location: &AssociatedData<'_>,
        version: SecretVersion,
        plaintext: &Secret,
        nonce: [u8; NONCE_LENGTH],
    ) -> Result<Sealed, SealError> {
        let text = plaintext.expose().as_bytes();
        if text.len() > MAX_SECRET_BYTES {
            return Err(SealError::TooLong);
        }
        let header = header(self.first.id());
        let start = header.len() + NONCE_LENGTH;
        // The buffer holds the plaintext until it is encrypted, so it is zeroed on failure, and its exact capacity
        // prevents a reallocation, which would leave a copy in memory.
        let mut bytes = Zeroizing::new(Vec::with_capacity(start + text.len() + TAG_LENGTH));
        bytes.extend_from_slice(&header);
        bytes.extend_from_slice(&nonce);
        bytes.extend_from_slice(text);
        let data = Aad::from(location.encode(&header, version));
        let nonce = Nonce::assume_unique_for_key(nonce);
        let tag = self.first.sealing().seal_in_place_separate_tag(nonce, data, &mut bytes[start..]);
        bytes.extend_from_slice(tag.map_err(|_unspecified| SealError::Refused)?.as_ref());
        Ok(Sealed::of_version(std::mem::take(&mut *bytes), version))
    }

    /// Opens a sealed secret that is stored at this location.
    pub fn open(
        &self,
        location: &AssociatedData<'_>,
        sealed: &Sealed,
    ) -> Result<Secret, OpenError> {
        let corrupt = || OpenError::Corrupt { location: location.to_string() };
        let parts = sealed.parts().ok_or_else(corrupt)?;
        let id = KeyId::parse(parts.id).map_err(|_not_an_id| corrupt())?;
        let Some(key) = self.keys().find(|key| *key.id() == id) else {
            return Err(OpenError::UnknownKey { id, location: location.to_string() });
        };
        let data = Aad::from(location.encode(parts.header, sealed.version()));
        let nonce = Nonce::assume_unique_for_key(parts.nonce);
        let mut bytes = Zeroizing::new(parts.ciphertext.to_vec());
        let Ok(text) = key.sealing().open_in_place(nonce, data, &mut bytes) else {
            return Err(OpenError::AuthenticationFailed { id, location: location.to_string() });
        };
        let text = std::str::from_utf8(text).map_err(|_not_text| corrupt())?;
        Ok(Secret::new(text.to_owned()))
    }

    /// Id of the key that seals. Secrets sealed by another key should be sealed again with this one.
    pub const fn sealing_key_id(&self) -> &KeyId {
        self.first.id()
    }

    /// Ids of all keys, starting with the one that seals.
    pub fn key_ids(&self) -> impl Iterator<Item = &KeyId> {
        self.keys().map(EncryptionKey::id)
    }

    /// The session token keys derived from these keys, in the same order.
    pub fn session_keys(&self) -> SessionKeys {
        let others = self.others.iter().map(|key| key.session().clone()).collect();
        SessionKeys::new(self.first.session().clone(), others)
    }

    /// The secrets that sign requests to the decision services of an organization, one for each key, starting with that of
    /// the key that seals. While keys are rotated, receivers know one of them.
    pub fn request_signing_secrets(
        &self,
        organization: &OrganizationId,
    ) -> Result<Vec<Zeroizing<Vec<u8>>>, KeyError> {
        self.keys().map(|key| key.request_signing_secret(organization)).collect()
    }

    fn keys(&self) -> impl Iterator<Item = &EncryptionKey> {
        std::iter::once(&self.first).chain(&self.others)
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.keys()).finish()
    }
}
