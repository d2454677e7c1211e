//! The binary format of a sealed secret.

use std::fmt;

use super::SecretVersion;
use super::key::{KeyId, is_key_id};

const VERSION: u8 = 1;
pub(super) const NONCE_LENGTH: usize = 12;
/// Length of the authentication tag that AES-GCM appends.
pub(super) const TAG_LENGTH: usize = 16;

/// A sealed secret, as the database stores it (lengths in bytes):
/// `version (1) | length of the key's id (1) | key's id | nonce (12) | ciphertext | tag (16)`.
///
/// It may hold any bytes: invalid ones are detected when the secret is opened. `Debug` shows the id of the key and the
/// length only. The version is stored beside the bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    bytes: Vec<u8>,
    version: SecretVersion,
}

/// The parts of a well-formed sealed secret.
pub(super) struct Parts<'a> {
    /// Version and id of the key; part of the associated data.
    pub(super) header: &'a [u8],
    pub(super) id: &'a str,
    pub(super) nonce: [u8; NONCE_LENGTH],
    /// Ciphertext and tag.
    pub(super) ciphertext: &'a [u8],
}

impl Sealed {
    /// Wraps bytes read from a row whose secret is never replaced.
    pub const fn from_bytes(bytes: Vec<u8>) -> Self {
        Self::of_version(bytes, SecretVersion::FIRST)
    }

    /// Wraps bytes and their version, read from a row whose secret can be replaced.
    pub const fn of_version(bytes: Vec<u8>, version: SecretVersion) -> Self {
        Self { bytes, version }
    }

    /// The bytes for the database.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The version for the database, which the secret opens with.
    pub const fn version(&self) -> SecretVersion {
        self.version
    }

    /// Id of the key that sealed the secret; `None` if the bytes are malformed.
    pub fn key_id(&self) -> Option<&str> {
        self.parts().map(|parts| parts.id)
    }

    pub(super) fn parts(&self) -> Option<Parts<'_>> {
        let (&[version, id_length], rest) = self.bytes.split_first_chunk()?;
        let (id, rest) = rest.split_at_checked(usize::from(id_length))?;
        let (nonce, ciphertext) = rest.split_first_chunk()?;
        if version != VERSION || !is_key_id(id) || ciphertext.len() < TAG_LENGTH {
            return None;
        }
        let header = &self.bytes[..2 + id.len()];
        Some(Parts { header, id: std::str::from_utf8(id).ok()?, nonce: *nonce, ciphertext })
    }
}

/// The bytes before the nonce.
pub(super) fn header(id: &KeyId) -> Vec<u8> {
    let id = id.as_str().as_bytes();
    let mut header = Vec::with_capacity(2 + id.len());
    // An id has at most 32 bytes.
    header.extend_from_slice(&[VERSION, u8::try_from(id.len()).unwrap_or_default()]);
    header.extend_from_slice(id);
    header
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Sealed({} bytes by {})",
            self.bytes.len(),
            self.key_id().unwrap_or("an unknown key")
        )
    }
}
