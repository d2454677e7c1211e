//! Secrets of agents' endpoints.

use async_trait::async_trait;
use switchboard_domain::identifier::AgentId;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{
    AgentSecret, AgentSecretStore, Entity, MAX_SIGNING_SECRETS, StoreError,
};
use switchboard_domain::time::Timestamp;

use crate::MemoryStore;
use crate::state::State;

#[async_trait]
impl AgentSecretStore for MemoryStore {
    async fn add(
        &self,
        scope: &Scope,
        secret: &AgentSecret,
        now: Timestamp,
        previous_expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut state = self.enter("agent_secret.add").await?;
        if !covers(&state, scope, &secret.agent) {
            return Err(StoreError::Missing { entity: Entity::Agent });
        }
        let key = (secret.agent.clone(), secret.number);
        if state.agent_secrets.contains_key(&key) {
            return Err(StoreError::Exists { entity: Entity::Agent });
        }
        state.agent_secrets.retain(|(agent, _), known| {
            *agent != secret.agent
                || (known.expires_at.is_none_or(|expires_at| expires_at > now)
                    && known.number > secret.number - MAX_SIGNING_SECRETS)
        });
        for known in state.agent_secrets.values_mut() {
            if known.agent == secret.agent && known.expires_at.is_none() {
                known.expires_at = Some(previous_expires_at);
            }
        }
        state.agent_secrets.insert(key, secret.clone());
        Ok(())
    }

    async fn of_agent(
        &self,
        scope: &Scope,
        agent: &AgentId,
    ) -> Result<Vec<AgentSecret>, StoreError> {
        let state = self.enter("agent_secret.of_agent").await?;
        if !covers(&state, scope, agent) {
            return Ok(Vec::new());
        }
        let secrets = state.agent_secrets.values().rev();
        Ok(secrets.filter(|secret| secret.agent == *agent).cloned().collect())
    }
}

fn covers(state: &State, scope: &Scope, agent: &AgentId) -> bool {
    state.agents.get(agent).is_some_and(|agent| scope.covers(&agent.organization))
}
