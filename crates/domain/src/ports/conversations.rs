//! The stored conversations, and the addresses that belong to one contact.

use async_trait::async_trait;

use super::{Page, StoreError};
use crate::delivery::ConversationKey;
use crate::history::Period;
use crate::identifier::{AgentId, ConversationId, OrganizationId};
use crate::message::ReceivedMessage;
use crate::organization::Scope;
use crate::sid::AccountSid;
use crate::time::Timestamp;

/// The place of a conversation in a list: when it began, and its id.
pub type ConversationPlace = (Timestamp, ConversationId);

/// All messages between one contact and one number or sender, on any channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversation {
    /// Id of the conversation.
    pub id: ConversationId,
    /// Organization that owns the sender.
    pub organization: OrganizationId,
    /// Its two sides.
    pub key: ConversationKey,
    /// When it began.
    pub created_at: Timestamp,
    /// Until when no agent is called and no reply is sent; `None` if it was never stopped.
    pub stopped_until: Option<Timestamp>,
}

impl Conversation {
    /// The conversation that a message begins; `None` if it begins none.
    pub fn begun_by(message: &ReceivedMessage) -> Option<Self> {
        let new = message.delivery.as_ref().filter(|new| new.begins_conversation)?;
        Some(Self {
            id: new.conversation.clone(),
            organization: message.organization.clone(),
            key: ConversationKey::new(&message.inbound.to, &message.inbound.from),
            created_at: message.received_at,
            stopped_until: None,
        })
    }
}

/// Which conversations are looked up. What is `None` restricts nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConversationFilter {
    /// When the conversation began.
    pub period: Period,
    /// Our number or sender, as in [`ConversationKey::sender`].
    pub sender: Option<String>,
    /// The contact, as in [`ConversationKey::contact`].
    pub contact: Option<String>,
    /// An agent that has a delivery of the conversation.
    pub agent: Option<AgentId>,
    /// An account that has a delivery of the conversation.
    pub account: Option<AccountSid>,
}

impl ConversationFilter {
    /// Whether nothing but a period restricts the list.
    pub fn has_period_only(&self) -> bool {
        *self == Self { period: self.period, ..Self::default() }
    }
}

/// Stores conversations. Laws: `switchboard_contract::conversations`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ConversationStore: Send + Sync {
    /// Returns the id of the organization's conversation between the two sides. If there is none, adds this one. Of
    /// concurrent calls, one MUST add it, and all return its id.
    async fn find_or_add(&self, conversation: &Conversation) -> Result<ConversationId, StoreError>;

    /// Returns the id of the organization's conversation between the two sides.
    async fn id_of(
        &self,
        organization: &OrganizationId,
        key: &ConversationKey,
    ) -> Result<Option<ConversationId>, StoreError>;

    /// Stops a conversation until an instant, which replaces an earlier one. Does nothing if the scope does not cover it.
    async fn stop(
        &self,
        scope: &Scope,
        id: &ConversationId,
        until: Timestamp,
    ) -> Result<(), StoreError>;

    /// Returns the conversation, if the scope covers it.
    async fn find(
        &self,
        scope: &Scope,
        id: &ConversationId,
    ) -> Result<Option<Conversation>, StoreError>;

    /// Lists the conversations that the scope covers and the filter selects, newest first.
    async fn newest(
        &self,
        scope: &Scope,
        filter: &ConversationFilter,
        page: &Page<ConversationPlace>,
    ) -> Result<Vec<Conversation>, StoreError>;
}
