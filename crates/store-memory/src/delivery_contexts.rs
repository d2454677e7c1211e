//! What decides about deliveries.

use async_trait::async_trait;
use switchboard_domain::consent::ConsentState;
use switchboard_domain::delivery::Delivery;
use switchboard_domain::identifier::AgentId;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{
    AgentContext, AgentSecretStore as _, AgentStore, ConsentStore, ConversationStore,
    DeliveryContext, DeliveryContextStore, GoneTargetStore as _, MessageStore, StoreError,
};

use crate::MemoryStore;

#[async_trait]
impl DeliveryContextStore for MemoryStore {
    async fn contexts(
        &self,
        deliveries: &[Delivery],
    ) -> Result<Vec<Option<DeliveryContext>>, StoreError> {
        let mut contexts = Vec::new();
        for delivery in deliveries {
            contexts.push(self.context(delivery).await?);
        }
        Ok(contexts)
    }
}

impl MemoryStore {
    async fn context(&self, delivery: &Delivery) -> Result<Option<DeliveryContext>, StoreError> {
        let scope = Scope::Organization(delivery.organization.clone());
        let (Some(message), Some(id)) = (delivery.item.message(), delivery.conversation()) else {
            return Ok(None);
        };
        let message = MessageStore::find(self, &scope, delivery.account, message).await?;
        let conversation = ConversationStore::find(self, &scope, id).await?;
        let (Some(message), Some(conversation)) = (message, conversation) else { return Ok(None) };
        let consent = ConsentStore::find(self, &delivery.organization, &conversation.key).await?;
        let agent = match &delivery.agent {
            Some(agent) => self.agent_context(&scope, agent).await?,
            None => None,
        };
        Ok(Some(DeliveryContext {
            message,
            is_opted_out: consent.is_some_and(|found| found.state == ConsentState::OptedOut),
            stopped_until: conversation.stopped_until,
            agent,
        }))
    }

    async fn agent_context(
        &self,
        scope: &Scope,
        id: &AgentId,
    ) -> Result<Option<AgentContext>, StoreError> {
        let Some(agent) = AgentStore::find(self, scope, id).await? else { return Ok(None) };
        let gone_since = self.gone_since(scope, id).await?;
        let secrets = self.of_agent(scope, id).await?;
        Ok(Some(AgentContext { agent, gone_since, secrets }))
    }
}
