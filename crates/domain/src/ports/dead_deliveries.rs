//! Dead deliveries, which operators replay.

use async_trait::async_trait;

use super::StoreError;
use crate::identifier::DeliveryId;
use crate::organization::Scope;

/// Replays dead deliveries.
/// Laws: `switchboard_contract::delivery_history`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait DeadDeliveryStore: Send + Sync {
    /// Makes a dead delivery pending and due at once. A message that Twilio refused is planned again; one whose outcome is
    /// unknown stays so. Its attempts so far do not count as failures any more. MUST return `Missing` if the scope does not cover it or it is not
    /// dead.
    async fn replay(&self, scope: &Scope, id: &DeliveryId) -> Result<(), StoreError>;
}
