//! Adds, finds, changes and removes agents.

use std::sync::Arc;

use switchboard_domain::agent::{
    Agent, AgentParameters, AgentState, Label, MessageTarget, ParameterError, Profile, Prompt,
    RelayAttributes, RelayError, VoiceTarget, WhatsAppTemplate,
};
use switchboard_domain::audit::Author;
use switchboard_domain::identifier::{AgentId, OrganizationId};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{
    AgentStore, Clock, Entity, Identifiers, Page, PlanCodec, PlanStore, StoreError,
};

use super::{Edit, ManageError};
use crate::nearest::nearest;
use crate::plan_references::names_of_plans;

/// How often a change is applied to an agent that others change at the same time.
const ATTEMPTS: u32 = 8;

/// An agent to be added. It gets its id and its time from the use case.
#[derive(Clone, Debug)]
pub struct NewAgent {
    /// The organization that owns it.
    pub organization: OrganizationId,
    /// Everything except the prompt.
    pub profile: Profile,
    /// The prompt; may be empty.
    pub prompt: Prompt,
}

/// What is set and cleared of an agent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AgentChange {
    /// The new name; `None` keeps it.
    pub name: Option<Label>,
    /// The id in the platform of the organization.
    pub external_id: Edit<Label>,
    /// The new prompt; `None` keeps it.
    pub prompt: Option<Prompt>,
    /// The name of the voice, as the voice server knows it.
    pub voice: Edit<Label>,
    /// The name of the model, as the voice server knows it.
    pub model: Edit<Label>,
    /// The language, for example `en-US`.
    pub language: Edit<Label>,
    /// The agent's own parameters.
    pub parameters: ParameterChange,
    /// Attributes of `ConversationRelay`.
    pub relay: RelayChange,
    /// How calls reach the agent.
    pub voice_target: Edit<VoiceTarget>,
    /// How messages reach the agent.
    pub message_target: Edit<MessageTarget>,
    /// The template for messages outside of `WhatsApp`'s window.
    pub whatsapp_template: Edit<WhatsAppTemplate>,
    /// Whether the agent is enabled; `None` keeps it.
    pub state: Option<AgentState>,
}

/// A change of an agent's own parameters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParameterChange {
    /// The parameters to add or replace.
    pub set: AgentParameters,
    /// The names of the parameters to remove.
    pub removed: Vec<String>,
    /// Whether to remove all parameters that `set` does not contain.
    pub clear: bool,
}

impl ParameterChange {
    fn apply(&self, before: &AgentParameters) -> Result<AgentParameters, ParameterError> {
        if self.clear { Ok(self.set.clone()) } else { before.changed(&self.set, &self.removed) }
    }
}

/// A change of the attributes of `ConversationRelay`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RelayChange {
    /// The attributes to add or replace.
    pub set: RelayAttributes,
    /// The names of the attributes to remove.
    pub removed: Vec<String>,
}

/// Why a changed agent is not accepted.
enum ChangeError {
    Parameter(ParameterError),
    Relay(RelayError),
}

impl From<ChangeError> for ManageError {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Parameter(error) => Self::Parameter(error),
            ChangeError::Relay(error) => Self::Relay(error),
        }
    }
}

impl AgentChange {
    fn apply(self, agent: Agent) -> Result<Agent, ChangeError> {
        let before = agent.profile;
        let profile = Profile {
            name: self.name.unwrap_or(before.name),
            external_id: self.external_id.apply(before.external_id),
            voice: self.voice.apply(before.voice),
            model: self.model.apply(before.model),
            language: self.language.apply(before.language),
            parameters: self
                .parameters
                .apply(&before.parameters)
                .map_err(ChangeError::Parameter)?,
            relay: before
                .relay
                .changed(&self.relay.set, &self.relay.removed)
                .map_err(ChangeError::Relay)?,
            voice_target: self.voice_target.apply(before.voice_target),
            message_target: self.message_target.apply(before.message_target),
            whatsapp_template: self.whatsapp_template.apply(before.whatsapp_template),
            state: self.state.unwrap_or(before.state),
        };
        Ok(Agent { profile, prompt: self.prompt.unwrap_or(agent.prompt), ..agent })
    }
}

/// An agent before and after a change.
#[derive(Clone, Debug)]
pub struct ChangedAgent {
    /// The agent as it was when the change was applied.
    pub before: Agent,
    /// The agent as it is stored.
    pub agent: Agent,
}

/// The use cases of agents.
pub struct Agents {
    /// The stored agents.
    pub store: Arc<dyn AgentStore>,
    /// The stored routing plans, which may name agents.
    pub plans: Arc<dyn PlanStore>,
    /// Decodes their documents.
    pub codec: Arc<dyn PlanCodec>,
    /// Generates the ids of new agents.
    pub identifiers: Arc<dyn Identifiers>,
    /// The time at which agents are added.
    pub clock: Arc<dyn Clock>,
}

impl Agents {
    /// Adds an agent with a new id.
    pub async fn add(&self, author: &Author, new: NewAgent) -> Result<Agent, ManageError> {
        let agent = Agent {
            id: self.identifiers.agent(),
            organization: new.organization,
            profile: new.profile,
            prompt: new.prompt,
            created_at: self.clock.now(),
        };
        match self.store.add(author, &agent).await {
            Ok(()) => Ok(agent),
            Err(error) => Err(duplicate_or("adding the agent", &agent, error)),
        }
    }

    /// Finds the agent with this id, external id or name, in this order.
    pub async fn find(&self, scope: &Scope, word: &str) -> Result<Agent, ManageError> {
        find_agent(self.store.as_ref(), scope, word).await
    }

    /// Changes the given values and keeps all others, also those that are changed at the same time. `word` is an id,
    /// external id or name.
    pub async fn change(
        &self,
        author: &Author,
        word: &str,
        change: AgentChange,
    ) -> Result<ChangedAgent, ManageError> {
        let mut before = self.find(author, word).await?;
        for _ in 1..ATTEMPTS {
            match self.change_as_read(author, &before, change.clone()).await {
                // By its id: its name may have been changed.
                Err(ManageError::AgentChanged { id }) => {
                    before = self.find(author, id.as_str()).await?;
                }
                changed => return Ok(ChangedAgent { agent: changed?, before }),
            }
        }
        let agent = self.change_as_read(author, &before, change).await?;
        Ok(ChangedAgent { before, agent })
    }

    /// Changes the given values of an agent that is still as it was read, or else fails with `AgentChanged`.
    pub async fn change_as_read(
        &self,
        author: &Author,
        before: &Agent,
        change: AgentChange,
    ) -> Result<Agent, ManageError> {
        let agent = change.apply(before.clone())?;
        match self.store.change(author, Some(before), &agent).await {
            Ok(()) => Ok(agent),
            Err(error) => Err(unknown_or("changing the agent", &agent, error)),
        }
    }

    /// Removes an agent that is assigned to no number and that no routing plan names. `word` is an id, external id or
    /// name.
    pub async fn remove(&self, author: &Author, word: &str) -> Result<AgentId, ManageError> {
        let agent = self.find(author, word).await?;
        self.remove_if(author, &agent, None).await?;
        Ok(agent.id)
    }

    /// The same for an agent that is still as it was read, or else fails with `AgentChanged`.
    pub async fn remove_as_read(&self, author: &Author, before: &Agent) -> Result<(), ManageError> {
        self.remove_if(author, before, Some(before)).await
    }

    async fn remove_if(
        &self,
        author: &Author,
        agent: &Agent,
        before: Option<&Agent>,
    ) -> Result<(), ManageError> {
        self.refuse_named(author, agent).await?;
        let removed = self.store.remove(author, &agent.id, before).await;
        removed.map_err(|error| unknown_or("removing the agent", agent, error))
    }

    /// Refuses an agent that a routing plan names: without it, the plan would decide nothing.
    pub async fn refuse_named(&self, scope: &Scope, agent: &Agent) -> Result<(), ManageError> {
        let (plans, codec) = (self.plans.as_ref(), self.codec.as_ref());
        let named = names_of_plans(plans, codec, scope, &agent.organization).await;
        let failed = |source| ManageError::Store { doing: "reading what plans name", source };
        let is_named = |word: &Label| {
            word.as_str() == agent.id.as_str()
                || Some(word) == agent.profile.external_id.as_ref()
                || *word == agent.profile.name
        };
        let mut naming = named.map_err(failed)?.into_iter();
        match naming.find(|(_, names)| names.agents.iter().any(is_named)) {
            Some((plan, _)) => Err(ManageError::AgentNamed { id: agent.id.clone(), plan }),
            None => Ok(()),
        }
    }
}

/// Finds the agent with this id, external id or name, in this order: an id is unique, so the name of another agent does
/// not make it ambiguous. Several agents with one name are an error that lists their ids.
pub async fn find_agent(
    agents: &dyn AgentStore,
    scope: &Scope,
    word: &str,
) -> Result<Agent, ManageError> {
    let unknown = |near| ManageError::AgentUnknown { word: word.trim().to_owned(), near };
    let failed = |source| ManageError::Store { doing: "finding the agent", source };
    if let Ok(id) = AgentId::parse(word.trim()) {
        return agents.find(scope, &id).await.map_err(failed)?.ok_or_else(|| unknown(Vec::new()));
    }
    let Ok(label) = Label::parse(word) else {
        return Err(unknown(Vec::new()));
    };
    let named = agents.named(scope, &label).await.map_err(failed)?;
    let (mut by_id, mut by_name): (Vec<_>, Vec<_>) =
        named.into_iter().partition(|agent| agent.profile.external_id.as_ref() == Some(&label));
    let candidates = if by_id.is_empty() { &mut by_name } else { &mut by_id };
    match candidates.pop() {
        None => Err(unknown(near(agents, scope, word).await?)),
        Some(agent) if candidates.is_empty() => Ok(agent),
        Some(last) => Err(ManageError::AgentAmbiguous {
            word: word.trim().to_owned(),
            ids: candidates.drain(..).chain([last]).map(|agent| agent.id).collect(),
        }),
    }
}

/// Agents that are compared with an unknown word at most; they are read with their prompts.
const COMPARED: u32 = 500;

/// The names and external ids that are like an unknown word.
async fn near(
    agents: &dyn AgentStore,
    scope: &Scope,
    word: &str,
) -> Result<Vec<String>, ManageError> {
    let some = agents.list(scope, &Page::first(COMPARED)).await;
    let some = some.map_err(ManageError::store("finding the agent"))?;
    let names =
        some.into_iter().flat_map(|agent| [Some(agent.profile.name), agent.profile.external_id]);
    Ok(nearest(word, names.flatten().map(|name| name.as_str().to_owned())))
}

/// Why a known agent was neither changed nor removed.
fn unknown_or(doing: &'static str, agent: &Agent, error: StoreError) -> ManageError {
    let id = agent.id.clone();
    match error {
        StoreError::Missing { entity: Entity::Agent } => {
            ManageError::AgentUnknown { word: id.to_string(), near: Vec::new() }
        }
        StoreError::Changed { .. } => ManageError::AgentChanged { id },
        StoreError::InUse { .. } => ManageError::AgentInUse { id },
        error @ (StoreError::Unavailable { .. }
        | StoreError::Exists { .. }
        | StoreError::Missing { .. }
        | StoreError::Full { .. }
        | StoreError::Corrupt { .. }
        | StoreError::Failed { .. }) => duplicate_or(doing, agent, error),
    }
}

/// Ids are unique, so a duplicate can only be the external id.
fn duplicate_or(doing: &'static str, agent: &Agent, error: StoreError) -> ManageError {
    match (error, &agent.profile.external_id) {
        (StoreError::Exists { .. }, Some(external_id)) => {
            ManageError::ExternalIdTaken { external_id: external_id.clone() }
        }
        (source, _) => ManageError::Store { doing, source },
    }
}

#[cfg(test)]
mod tests;
