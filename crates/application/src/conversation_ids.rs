//! The ids of conversations, in memory.

use std::sync::Arc;

use quick_cache::sync::Cache;
use switchboard_domain::delivery::ConversationKey;
use switchboard_domain::identifier::{ConversationId, OrganizationId};
use switchboard_domain::message::{InboundMessage, NewDelivery};
use switchboard_domain::ports::{Conversation, ConversationStore, Identifiers, StoreError};
use switchboard_domain::time::Timestamp;

/// The maximum number of ids in memory. A conversation without one costs a read.
const MAX_CONVERSATIONS: usize = 20_000;

/// Finds the conversations of messages. Their ids never change, so the cache is never stale.
pub struct ConversationIds {
    store: Arc<dyn ConversationStore>,
    identifiers: Arc<dyn Identifiers>,
    known: Cache<(OrganizationId, ConversationKey), ConversationId>,
}

impl ConversationIds {
    /// An empty cache in front of `store`.
    pub fn new(store: Arc<dyn ConversationStore>, identifiers: Arc<dyn Identifiers>) -> Self {
        Self { store, identifiers, known: Cache::new(MAX_CONVERSATIONS) }
    }

    /// A delivery in the conversation of an inbound message. A conversation that is new is stored with the message.
    pub(crate) async fn delivery(
        &self,
        organization: &OrganizationId,
        inbound: &InboundMessage,
    ) -> Result<NewDelivery, StoreError> {
        let id = self.identifiers.delivery();
        let sides = (organization.clone(), ConversationKey::new(&inbound.to, &inbound.from));
        if let Some(conversation) = self.known.get(&sides) {
            return Ok(NewDelivery { id, conversation, begins_conversation: false });
        }
        let Some(conversation) = self.store.id_of(organization, &sides.1).await? else {
            let conversation = self.identifiers.conversation();
            return Ok(NewDelivery { id, conversation, begins_conversation: true });
        };
        self.known.insert(sides, conversation.clone());
        Ok(NewDelivery { id, conversation, begins_conversation: false })
    }

    /// The conversation of a contact with one of our numbers or senders. It is added if it is new.
    pub async fn find(
        &self,
        organization: &OrganizationId,
        key: ConversationKey,
        now: Timestamp,
    ) -> Result<ConversationId, StoreError> {
        let known = (organization.clone(), key.clone());
        if let Some(conversation) = self.known.get(&known) {
            return Ok(conversation);
        }
        let new = Conversation {
            id: self.identifiers.conversation(),
            organization: organization.clone(),
            key,
            created_at: now,
            stopped_until: None,
        };
        let conversation = self.store.find_or_add(&new).await?;
        self.known.insert(known, conversation.clone());
        Ok(conversation)
    }
}
