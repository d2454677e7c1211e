//! Agents.

use std::collections::btree_map::Entry;

use async_trait::async_trait;
use switchboard_domain::agent::{Agent, Label, MessageTarget};
use switchboard_domain::audit::{Action, Author, ObjectRef};
use switchboard_domain::identifier::AgentId;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{AgentStore, Change, Entity, GoneTargetStore, Page, StoreError};
use switchboard_domain::time::Timestamp;

use crate::MemoryStore;
use crate::audited::Audited;
use crate::pages::page_of;
use crate::state::{State, exists, missing, used_by_number};

#[async_trait]
impl AgentStore for MemoryStore {
    async fn add(&self, author: &Author, agent: &Agent) -> Result<(), StoreError> {
        let mut state = self.enter("agent.add").await?;
        state.may_add(author, &agent.organization)?;
        must_be_free(&state, agent)?;
        let audited = Audited::begin(&state, ObjectRef::agent(&agent.id));
        match state.agents.entry(agent.id.clone()) {
            Entry::Occupied(_) => return Err(exists(Entity::Agent)),
            Entry::Vacant(place) => place.insert(agent.clone()),
        };
        audited.end(&mut state, author, Action::AgentAdded);
        state.changes.record(Change::Agent(agent.id.clone()));
        Ok(())
    }

    async fn find(&self, scope: &Scope, id: &AgentId) -> Result<Option<Agent>, StoreError> {
        let state = self.enter("agent.find").await?;
        Ok(state.agents.get(id).filter(|agent| scope.covers(&agent.organization)).cloned())
    }

    async fn named(&self, scope: &Scope, word: &Label) -> Result<Vec<Agent>, StoreError> {
        let is_named = |agent: &&Agent| {
            scope.covers(&agent.organization)
                && (agent.profile.name == *word || agent.profile.external_id.as_ref() == Some(word))
        };
        Ok(self.enter("agent.named").await?.agents.values().filter(is_named).cloned().collect())
    }

    async fn list(&self, scope: &Scope, page: &Page<AgentId>) -> Result<Vec<Agent>, StoreError> {
        Ok(page_of(&self.enter("agent.list").await?.agents, page, |agent| {
            scope.covers(&agent.organization)
        }))
    }

    async fn change<'a>(
        &self,
        author: &Author,
        before: Option<&'a Agent>,
        agent: &Agent,
    ) -> Result<(), StoreError> {
        let mut state = self.enter("agent.change").await?;
        let kept = state.agents.get(&agent.id).filter(|kept| author.covers(&kept.organization));
        let kept = kept.ok_or(missing(Entity::Agent))?;
        must_be_as(kept, before)?;
        let organization = kept.organization.clone();
        // The organization that counts is the one that it has, not the one that the call names.
        let wanted = Agent { organization, ..agent.clone() };
        must_be_free(&state, &wanted)?;
        let audited = Audited::begin(&state, ObjectRef::agent(&wanted.id));
        replace(&mut state, &wanted.id, &wanted);
        audited.end(&mut state, author, Action::AgentChanged);
        state.changes.record(Change::Agent(wanted.id));
        Ok(())
    }

    async fn remove<'a>(
        &self,
        author: &Author,
        id: &AgentId,
        before: Option<&'a Agent>,
    ) -> Result<(), StoreError> {
        let mut state = self.enter("agent.remove").await?;
        let kept = state.agents.get(id).filter(|kept| author.covers(&kept.organization));
        must_be_as(kept.ok_or(missing(Entity::Agent))?, before)?;
        let assigned = state.numbers.values().filter_map(|number| number.assignment.as_ref());
        if assigned.map(|assignment| &assignment.agent).any(|agent| agent == id) {
            return Err(used_by_number(Entity::Agent));
        }
        let audited = Audited::begin(&state, ObjectRef::agent(id));
        state.agents.remove(id);
        state.limits.remove(id);
        state.agent_secrets.retain(|(agent, _), _| agent != id);
        state.chat_keys.remove(id);
        state.token_use.remove(id);
        state.gone_targets.remove(id);
        audited.end(&mut state, author, Action::AgentRemoved);
        state.changes.record(Change::Agent(id.clone()));
        Ok(())
    }
}

#[async_trait]
impl GoneTargetStore for MemoryStore {
    async fn gone_since(
        &self,
        scope: &Scope,
        id: &AgentId,
    ) -> Result<Option<Timestamp>, StoreError> {
        let state = self.enter("agent.gone_since").await?;
        let agent = state.agents.get(id).filter(|agent| scope.covers(&agent.organization));
        let gone = agent.zip(state.gone_targets.get(id));
        let gone = gone.filter(|(agent, (target, _))| agent.profile.message_target == *target);
        Ok(gone.map(|(_, (_, at))| *at))
    }

    async fn enable_target(&self, author: &Author, id: &AgentId) -> Result<(), StoreError> {
        let mut state = self.enter("agent.enable_target").await?;
        if !state.agents.get(id).is_some_and(|kept| author.covers(&kept.organization)) {
            return Err(missing(Entity::Agent));
        }
        let audited = Audited::begin(&state, ObjectRef::agent(id));
        state.gone_targets.remove(id);
        audited.end(&mut state, author, Action::AgentTargetEnabled);
        Ok(())
    }
}

/// An agent is still as the caller read it.
fn must_be_as(kept: &Agent, before: Option<&Agent>) -> Result<(), StoreError> {
    match before {
        Some(before) if kept.profile != before.profile || kept.prompt != before.prompt => {
            Err(StoreError::Changed { entity: Entity::Agent })
        }
        _ => Ok(()),
    }
}

/// No other agent of its organization has the external id.
fn must_be_free(state: &State, agent: &Agent) -> Result<(), StoreError> {
    let taken = agent.profile.external_id.is_some()
        && state.agents.values().any(|other| {
            other.id != agent.id
                && other.organization == agent.organization
                && other.profile.external_id == agent.profile.external_id
        });
    if taken { Err(exists(Entity::Agent)) } else { Ok(()) }
}

/// Replaces what can be changed of an agent. The key of its chat model stays only for the same URL.
pub(crate) fn replace(state: &mut State, id: &AgentId, agent: &Agent) {
    let Some(kept) = state.agents.get_mut(id) else { return };
    let (before, after) = (&kept.profile.message_target, &agent.profile.message_target);
    if MessageTarget::chat_url(before.as_ref()) != MessageTarget::chat_url(after.as_ref()) {
        state.chat_keys.remove(id);
    }
    kept.profile = agent.profile.clone();
    kept.prompt = agent.prompt.clone();
}
