//! Encryption at rest of auth tokens and API key secrets (AES-256-GCM).
//!
//! A sealed secret can only be opened with an encryption key of the installation, and only for the table, column and
//! row it was sealed for: its location is the associated data of the encryption, so a value copied to another row does
//! not open. A secret that replaces another has a version of its own, so the replaced one, put back, does not open either.
//! Keys have ids, so that secrets sealed by an older key still open after a key rotation.

mod associated_data;
mod key;
mod keyring;
mod sealed;
mod version;

pub use associated_data::AssociatedData;
pub use key::{EncryptionKey, KeyError, KeyId};
pub use keyring::{Keyring, KeyringError, MAX_SECRET_BYTES, OpenError, SealError};
pub use sealed::Sealed;
pub use version::SecretVersion;

#[cfg(test)]
mod tests;
