//! Time, randomness and identifiers, which use cases get from outside.

use crate::identifier::{
    AgentId, ApiKeyId, ConversationId, DeliveryId, OrganizationId, PlanId, RejectionId,
    SubscriptionId,
};
use crate::time::Timestamp;

/// The system clock.
pub trait Clock: Send + Sync {
    /// Returns the current time in UTC.
    fn now(&self) -> Timestamp;
}

/// A clock that always returns this time.
impl Clock for Timestamp {
    fn now(&self) -> Timestamp {
        *self
    }
}

/// A source of unpredictable random bytes.
pub trait Randomness: Send + Sync {
    /// Fills the whole slice.
    fn fill(&self, bytes: &mut [u8]);
}

/// Generates unique identifiers that sort by creation time. There is one method for each type of id, so that an id of one
/// type cannot be used as another.
pub trait Identifiers: Send + Sync {
    /// Returns the id of a new organization.
    fn organization(&self) -> OrganizationId;
    /// Returns the id of a new agent.
    fn agent(&self) -> AgentId;
    /// Returns the id of a new routing plan.
    fn plan(&self) -> PlanId;
    /// Returns the id of a new conversation.
    fn conversation(&self) -> ConversationId;
    /// Returns the id of a new delivery.
    fn delivery(&self) -> DeliveryId;
    /// Returns the id of a new subscription.
    fn subscription(&self) -> SubscriptionId;
    /// Returns the id of a new API key.
    fn api_key(&self) -> ApiKeyId;
    /// Returns the id of a new rejection.
    fn rejection(&self) -> RejectionId;
}
