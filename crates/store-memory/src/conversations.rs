//! Conversations.

use async_trait::async_trait;
use switchboard_domain::identifier::ConversationId;
use switchboard_domain::ports::{Conversation, ConversationStore, StoreError};

use crate::MemoryStore;

#[async_trait]
impl ConversationStore for MemoryStore {
    async fn find_or_add(&self, conversation: &Conversation) -> Result<ConversationId, StoreError> {
        let key = (conversation.organization.clone(), conversation.key.clone());
        let mut state = self.enter("conversation.find").await?;
        let id = state.conversations.entry(key).or_insert_with(|| conversation.id.clone());
        Ok(id.clone())
    }
}
