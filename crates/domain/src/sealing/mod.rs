//! Sealing of secrets at rest: what the database holds of a token or a key.
//!
//! A sealed secret opens only with a key of the installation, and only in the table, column and row
//! for which it was sealed: copied to another row it stays shut. Keys have ids, so that a new one can
//! seal while the old ones still open.

mod associated_data;
mod key;
mod keyring;
mod sealed;

pub use associated_data::AssociatedData;
pub use key::{EncryptionKey, KeyError, KeyId};
pub use keyring::{Keyring, KeyringError, MAX_SECRET_BYTES, OpenError, SealError};
pub use sealed::Sealed;

#[cfg(test)]
mod tests;
