//! What decides about a delivery, read for many deliveries at once.

use async_trait::async_trait;

use super::{AgentSecret, StoreError};
use crate::agent::Agent;
use crate::delivery::Delivery;
use crate::message::MessageRecord;
use crate::time::Timestamp;

/// What decides about the delivery of a received message to its agent.
#[derive(Clone, Debug, PartialEq)]
pub struct DeliveryContext {
    /// The inbound message that is delivered.
    pub message: MessageRecord,
    /// Whether the contact has opted out of messages from the number or sender.
    pub is_opted_out: bool,
    /// Until when the conversation is stopped, which can be past; `None` if it never was.
    pub stopped_until: Option<Timestamp>,
    /// The agent of the delivery; `None` if it does not exist any more, or belongs to another organization.
    pub agent: Option<AgentContext>,
}

/// An agent, as it is now.
#[derive(Clone, Debug, PartialEq)]
pub struct AgentContext {
    /// The agent as it is now, which may differ from when the message came.
    pub agent: Agent,
    /// When its current message target answered 410; `None` if it did not.
    pub gone_since: Option<Timestamp>,
    /// The secrets of its endpoint, newest first.
    pub secrets: Vec<AgentSecret>,
}

/// Reads what decides about deliveries, for many at once. Laws: `switchboard_contract::delivery_contexts`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait DeliveryContextStore: Send + Sync {
    /// Returns the context of each delivery, in their order. It MUST equal what the other ports return. It is `None` if the
    /// message or the conversation is not stored in the organization of the delivery, or if the delivery has no conversation.
    async fn contexts(
        &self,
        deliveries: &[Delivery],
    ) -> Result<Vec<Option<DeliveryContext>>, StoreError>;
}
