//! What operators look up about deliveries.

use async_trait::async_trait;

use super::{Page, StoreError};
use crate::delivery::{Delivery, DeliveryState, QueueOwner};
use crate::history::Period;
use crate::identifier::{AgentId, ConversationId, DeliveryId, SubscriptionId};
use crate::organization::Scope;
use crate::sid::{AccountSid, MessageSid};
use crate::time::Timestamp;

/// The place of a delivery in a list: when it was created, and its id.
pub type DeliveryPlace = (Timestamp, DeliveryId);

/// Which deliveries are looked up. What is `None` restricts nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeliveryFilter {
    /// When the delivery was created.
    pub period: Period,
    /// Only deliveries in this state.
    pub state: Option<DeliveryState>,
    /// Only deliveries to or from this agent.
    pub agent: Option<AgentId>,
    /// The inbound message that is delivered or answered.
    pub message: Option<MessageSid>,
    /// Only deliveries of this conversation.
    pub conversation: Option<ConversationId>,
    /// Only deliveries of events to this subscription.
    pub subscription: Option<SubscriptionId>,
    /// The account of the message or event.
    pub account: Option<AccountSid>,
}

impl DeliveryFilter {
    /// Whether nothing but a period restricts the list.
    pub fn has_period_only(&self) -> bool {
        *self == Self { period: self.period, ..Self::default() }
    }

    /// Whether a delivery is meant.
    pub fn selects(&self, delivery: &Delivery) -> bool {
        self.period.contains(delivery.created_at)
            && self.state.is_none_or(|state| state == delivery.state)
            && self.agent.as_ref().is_none_or(|agent| Some(agent) == delivery.agent.as_ref())
            && self.message.is_none_or(|message| Some(message) == delivery.item.message())
            && self.conversation.as_ref().is_none_or(|id| Some(id) == delivery.conversation())
            && self.subscription.as_ref().is_none_or(
                |id| matches!(&delivery.owner, QueueOwner::Subscription(of) if of == id),
            )
            && self.account.is_none_or(|account| account == delivery.account)
    }
}

/// Looks up deliveries.
/// Laws: `switchboard_contract::delivery_history`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait DeliveryHistory: Send + Sync {
    /// Returns the delivery, if the scope covers it.
    async fn find(&self, scope: &Scope, id: &DeliveryId) -> Result<Option<Delivery>, StoreError>;

    /// Lists the deliveries that the scope covers and the filter selects, newest first.
    async fn newest(
        &self,
        scope: &Scope,
        filter: &DeliveryFilter,
        page: &Page<DeliveryPlace>,
    ) -> Result<Vec<Delivery>, StoreError>;

    /// Returns the delivery of each of these messages of an account, if the scope covers it: of an inbound message, the
    /// one to its agent; of an outbound one, the one that sent it.
    async fn of_messages(
        &self,
        scope: &Scope,
        account: AccountSid,
        messages: &[MessageSid],
    ) -> Result<Vec<Delivery>, StoreError>;

    /// Returns the outgoing messages of a conversation that were added last, oldest first: at most `limit`.
    async fn latest_outgoing(
        &self,
        scope: &Scope,
        conversation: &ConversationId,
        limit: u32,
    ) -> Result<Vec<Delivery>, StoreError>;
}
