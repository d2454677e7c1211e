use async_trait::async_trait;

use super::StoreError;
use crate::delivery::ConversationKey;
use crate::identifier::{ConversationId, OrganizationId};
use crate::time::Timestamp;

/// A conversation that does not exist yet.
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
}

/// Stores conversations. Laws: `switchboard_contract::conversations`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ConversationStore: Send + Sync {
    /// Returns the id of the organization's conversation between the two sides. If there is none, adds this one. Of
    /// concurrent calls, one MUST add it, and all return its id.
    async fn find_or_add(&self, conversation: &Conversation) -> Result<ConversationId, StoreError>;
}
