//! The secrets that sign deliveries, as they are created and encrypted.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use switchboard_domain::ports::{Randomness, Retry, StoreError};
use switchboard_domain::sealing::{
    AssociatedData, Keyring, OpenError, SealError, Sealed, SecretVersion,
};
use switchboard_domain::secret::Secret;

/// The length of a secret in bytes, within the 24 to 64 of Standard Webhooks 1.0.
const SECRET_BYTES: usize = 32;
/// Hours for which the previous secret of an endpoint still signs, so that the endpoint can be changed in between.
pub(crate) const OVERLAP_HOURS: i64 = 24;

/// How often a secret is created while others create one for the same endpoint.
pub(crate) const ATTEMPTS: u32 = 8;

/// Why the secrets of an endpoint cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The store failed.
    #[error("the secrets of the endpoint are not available")]
    Store(#[source] StoreError),
    /// The agent or subscription was removed after it was read.
    #[error("the owner of the endpoint does not exist any more")]
    Removed,
    /// Others create secrets of the endpoint at the same time.
    #[error("others change the secrets of the endpoint at the same time")]
    Changed,
    /// A new secret cannot be encrypted.
    #[error("the secret of the endpoint cannot be encrypted")]
    Seal(#[source] SealError),
    /// A stored secret cannot be decrypted.
    #[error("a secret of the endpoint cannot be decrypted")]
    Open(#[source] OpenError),
}

impl SecretError {
    /// Whether the same request can succeed later.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Store(source) => source.retry(),
            Self::Changed => Retry::Later,
            Self::Removed | Self::Seal(_) | Self::Open(_) => Retry::Never,
        }
    }
}

/// Creates a secret, `whsec_` followed by base64, and encrypts it for its place.
pub(crate) fn new_secret(
    keyring: &Keyring,
    randomness: &dyn Randomness,
    place: &AssociatedData<'_>,
) -> Result<(Secret, Sealed), SecretError> {
    let mut bytes = [0; SECRET_BYTES];
    randomness.fill(&mut bytes);
    let secret = Secret::new(format!("whsec_{}", STANDARD.encode(bytes)));
    let mut nonce = [0; 12];
    randomness.fill(&mut nonce);
    let sealed =
        keyring.seal(place, SecretVersion::FIRST, &secret, nonce).map_err(SecretError::Seal)?;
    Ok((secret, sealed))
}
