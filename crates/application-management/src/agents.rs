//! Agents are added, changed and removed.

use std::sync::Arc;

use switchboard_domain::agent::{
    Agent, AgentState, Label, MessageTarget, Profile, Prompt, VoiceTarget,
};
use switchboard_domain::identifier::{AgentId, OrganizationId};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{AgentStore, Clock, Entity, Identifiers, StoreError};

use super::{Edit, FindAgent, ManageError};

/// An agent as an operator describes it.
#[derive(Clone, Debug)]
pub struct NewAgent {
    /// The tenant that brings it.
    pub organization: OrganizationId,
    /// All but the prompt.
    pub profile: Profile,
    /// What it is told to be.
    pub prompt: Prompt,
}

/// What changes about an agent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AgentChange {
    /// A new name.
    pub name: Option<Label>,
    /// Another external id, or none.
    pub external_id: Edit<Label>,
    /// A new prompt; an empty one is none.
    pub prompt: Option<Prompt>,
    /// Another voice, or none.
    pub voice: Edit<Label>,
    /// Another model, or none.
    pub model: Edit<Label>,
    /// Another language, or none.
    pub language: Edit<Label>,
    /// Another voice target, or none.
    pub voice_target: Edit<VoiceTarget>,
    /// Another message target, or none.
    pub message_target: Edit<MessageTarget>,
    /// Whether it answers.
    pub state: Option<AgentState>,
}

impl AgentChange {
    fn apply(self, agent: Agent) -> Agent {
        let before = agent.profile;
        let profile = Profile {
            name: self.name.unwrap_or(before.name),
            external_id: self.external_id.apply(before.external_id),
            voice: self.voice.apply(before.voice),
            model: self.model.apply(before.model),
            language: self.language.apply(before.language),
            voice_target: self.voice_target.apply(before.voice_target),
            message_target: self.message_target.apply(before.message_target),
            state: self.state.unwrap_or(before.state),
        };
        Agent { profile, prompt: self.prompt.unwrap_or(agent.prompt), ..agent }
    }
}

/// Adds agents.
pub struct AddAgent {
    /// Where they are kept.
    pub agents: Arc<dyn AgentStore>,
    /// Makes their keys.
    pub identifiers: Arc<dyn Identifiers>,
    /// Tells when they were added.
    pub clock: Arc<dyn Clock>,
}

impl AddAgent {
    /// Adds an agent under a new key.
    pub async fn add(&self, scope: &Scope, new: NewAgent) -> Result<Agent, ManageError> {
        let agent = Agent {
            id: self.identifiers.agent(),
            organization: new.organization,
            profile: new.profile,
            prompt: new.prompt,
            created_at: self.clock.now(),
        };
        match self.agents.add(scope, &agent).await {
            Ok(()) => Ok(agent),
            Err(error) => Err(taken_or("adding the agent", &agent, error)),
        }
    }
}

/// Changes agents.
pub struct ChangeAgent {
    /// Where they are kept.
    pub agents: Arc<dyn AgentStore>,
}

impl ChangeAgent {
    /// Changes what the change names and keeps the rest. `word` is an id, an external id or a name.
    pub async fn change(
        &self,
        scope: &Scope,
        word: &str,
        change: AgentChange,
    ) -> Result<Agent, ManageError> {
        let agent = FindAgent { agents: Arc::clone(&self.agents) }.find(scope, word).await?;
        let agent = change.apply(agent);
        match self.agents.change(scope, &agent).await {
            Ok(()) => Ok(agent),
            Err(StoreError::Missing { entity: Entity::Agent }) => {
                Err(ManageError::AgentUnknown { word: word.to_owned() })
            }
            Err(error) => Err(taken_or("changing the agent", &agent, error)),
        }
    }
}

/// Removes agents.
pub struct RemoveAgent {
    /// Where they are kept.
    pub agents: Arc<dyn AgentStore>,
}

impl RemoveAgent {
    /// Removes an agent that answers no number any more. `word` is an id, an external id or a name.
    pub async fn remove(&self, scope: &Scope, word: &str) -> Result<AgentId, ManageError> {
        let id = FindAgent { agents: Arc::clone(&self.agents) }.find(scope, word).await?.id;
        match self.agents.remove(scope, &id).await {
            Ok(()) => Ok(id),
            Err(StoreError::Missing { .. }) => {
                Err(ManageError::AgentUnknown { word: word.to_owned() })
            }
            Err(StoreError::InUse { .. }) => Err(ManageError::AgentInUse { id }),
            Err(source) => Err(ManageError::Store { doing: "removing the agent", source }),
        }
    }
}

/// Keys are never made twice, so what exists already can only be the external id.
fn taken_or(doing: &'static str, agent: &Agent, error: StoreError) -> ManageError {
    match (error, &agent.profile.external_id) {
        (StoreError::Exists { .. }, Some(external_id)) => {
            ManageError::ExternalIdTaken { external_id: external_id.clone() }
        }
        (source, _) => ManageError::Store { doing, source },
    }
}

#[cfg(test)]
mod tests;
