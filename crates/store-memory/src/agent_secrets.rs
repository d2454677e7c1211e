//! Secrets of agents' endpoints.

use async_trait::async_trait;
use switchboard_domain::audit::{Action, Author, ObjectRef, Snapshot};
use switchboard_domain::identifier::AgentId;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{
    AgentSecret, AgentSecretStore, Entity, MAX_SIGNING_SECRETS, StoreError,
};
use switchboard_domain::time::Timestamp;

use crate::MemoryStore;
use crate::audited;
use crate::state::State;

#[async_trait]
impl AgentSecretStore for MemoryStore {
    async fn add(
        &self,
        author: &Author,
        secret: &AgentSecret,
        now: Timestamp,
        previous_expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut state = self.enter("agent_secret.add").await?;
        if !covers(&state, author, &secret.agent) {
            return Err(StoreError::Missing { entity: Entity::Agent });
        }
        let key = (secret.agent.clone(), secret.number);
        if state.agent_secrets.contains_key(&key) {
            return Err(StoreError::Exists { entity: Entity::Agent });
        }
        let snapshot =
            |one: &AgentSecret| Snapshot::default().secret("secret", Some(one.sealed.as_bytes()));
        let is_current = |one: &&AgentSecret| one.agent == secret.agent && one.expires_at.is_none();
        let current = state.agent_secrets.values().find(is_current);
        let before = current.map_or_else(Snapshot::default, snapshot);
        let after = snapshot(secret);
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
        let owner = state.agents.get(&secret.agent).map(|agent| agent.organization.clone());
        let what = (Action::AgentSecretAdded, ObjectRef::agent(&secret.agent));
        audited::record(&mut state, author, owner, what, (Some(&before), Some(&after)));
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
