//! Auth tokens at the carrier.

use async_trait::async_trait;

use crate::carrier::{CarrierAccess, CarrierError};
use crate::secret::Secret;

/// Rotates the auth tokens of an account at the carrier (Twilio, "Auth Tokens"). Laws:
/// `switchboard_contract::carrier::tokens`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait TokenCarrier: Send + Sync {
    /// Creates a secondary token and returns it. Twilio shows a token only once. MUST return
    /// `Refused` if a secondary token exists.
    async fn create_secondary(&self, access: &CarrierAccess) -> Result<Secret, CarrierError>;

    /// Deletes the secondary token. MUST return `NotFound` if there is none.
    async fn delete_secondary(&self, access: &CarrierAccess) -> Result<(), CarrierError>;

    /// Makes the secondary token the primary one. From then on, Twilio signs with it, and the old
    /// primary token is invalid. MUST return `NotFound` if there is no secondary token.
    async fn promote(&self, access: &CarrierAccess) -> Result<(), CarrierError>;
}
