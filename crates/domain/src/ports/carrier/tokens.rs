use async_trait::async_trait;

use crate::carrier::{CarrierAccess, CarrierError};
use crate::secret::Secret;

/// The auth tokens of an account at the carrier (Twilio, "Auth Tokens"). Laws:
/// `switchboard_contract::carrier::tokens`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait TokenCarrier: Send + Sync {
    /// Makes a secondary token and tells it: Twilio never tells it again. MUST return `Refused` if there is one.
    async fn create_secondary(&self, access: &CarrierAccess) -> Result<Secret, CarrierError>;

    /// Removes the secondary token. MUST return `NotFound` if there is none.
    async fn delete_secondary(&self, access: &CarrierAccess) -> Result<(), CarrierError>;

    /// Makes the secondary token the primary one, which signs from then on; the old one opens nothing any more.
    /// MUST return `NotFound` if there is no secondary token.
    async fn promote(&self, access: &CarrierAccess) -> Result<(), CarrierError>;
}
