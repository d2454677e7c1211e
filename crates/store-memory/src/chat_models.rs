//! Keys of chat models, and the completion tokens of agents.

use async_trait::async_trait;
use switchboard_domain::agent::MessageTarget;
use switchboard_domain::audit::{Action, Author, ObjectRef, Snapshot};
use switchboard_domain::identifier::AgentId;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{ChatModelStore, Entity, Reservation, StoreError};
use switchboard_domain::sealing::Sealed;
use switchboard_domain::time::UtcDay;
use switchboard_domain::web_address::WebUrl;

use crate::MemoryStore;
use crate::audited;
use crate::state::{State, TokenUse, missing};

#[async_trait]
impl ChatModelStore for MemoryStore {
    async fn set_key(
        &self,
        author: &Author,
        agent: &AgentId,
        url: &WebUrl,
        sealed: Sealed,
    ) -> Result<(), StoreError> {
        let mut state = self.enter("chat_model.set_key").await?;
        let kept = state.agents.get(agent).filter(|kept| author.covers(&kept.organization));
        let kept = kept.ok_or(missing(Entity::Agent))?;
        if MessageTarget::chat_url(kept.profile.message_target.as_ref()) != Some(url) {
            return Err(StoreError::Changed { entity: Entity::Agent });
        }
        let owner = kept.organization.clone();
        let key = |sealed: &Sealed| Snapshot::default().secret("chat_key", Some(sealed.as_bytes()));
        let before = state.chat_keys.get(agent).map_or_else(Snapshot::default, key);
        let after = key(&sealed);
        state.chat_keys.insert(agent.clone(), sealed);
        let what = (Action::AgentChatKeySet, ObjectRef::agent(agent));
        audited::record(&mut state, author, Some(owner), what, (Some(&before), Some(&after)));
        Ok(())
    }

    async fn key(&self, scope: &Scope, agent: &AgentId) -> Result<Option<Sealed>, StoreError> {
        let state = self.enter("chat_model.key").await?;
        let key = state.chat_keys.get(agent).filter(|_| covers(&state, scope, agent));
        Ok(key.cloned())
    }

    async fn reserve(
        &self,
        agent: &AgentId,
        day: UtcDay,
        tokens: u32,
        limit: u32,
    ) -> Result<Reservation, StoreError> {
        let mut state = self.enter("chat_model.reserve").await?;
        if !state.agents.contains_key(agent) {
            return Err(missing(Entity::Agent));
        }
        let today = state.token_use.entry(agent.clone()).or_default();
        if today.day < day {
            *today = TokenUse { day, ..TokenUse::default() };
        }
        if today.used >= u64::from(limit) {
            return Ok(Reservation::UsedUp);
        }
        if today.used + today.reserved >= u64::from(limit) {
            return Ok(Reservation::Busy);
        }
        today.reserved += u64::from(tokens);
        Ok(Reservation::Reserved)
    }

    async fn settle(
        &self,
        agent: &AgentId,
        day: UtcDay,
        reserved: u32,
        used: u32,
    ) -> Result<(), StoreError> {
        let mut state = self.enter("chat_model.settle").await?;
        if let Some(today) = state.token_use.get_mut(agent).filter(|today| today.day <= day) {
            today.reserved = today.reserved.saturating_sub(u64::from(reserved));
            today.used += u64::from(used);
        }
        Ok(())
    }
}

fn covers(state: &State, scope: &Scope, agent: &AgentId) -> bool {
    state.agents.get(agent).is_some_and(|agent| scope.covers(&agent.organization))
}
