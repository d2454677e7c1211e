//! Agents are found by what people call them.

use std::sync::Arc;

use switchboard_domain::agent::{Agent, Label};
use switchboard_domain::identifier::AgentId;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::AgentStore;

use super::ManageError;

/// Finds agents by id, external id or name.
pub struct FindAgent {
    /// Where they are kept.
    pub agents: Arc<dyn AgentStore>,
}

impl FindAgent {
    /// The one agent with that id, external id or name, in this order: ids are there to be unique, so one
    /// of them is not made ambiguous by somebody's name. Several agents are an error that lists them.
    pub async fn find(&self, scope: &Scope, word: &str) -> Result<Agent, ManageError> {
        let unknown = || ManageError::AgentUnknown { word: word.trim().to_owned() };
        if let Ok(id) = AgentId::parse(word.trim()) {
            let found = self.agents.find(scope, &id).await;
            return found.map_err(ManageError::store("finding the agent"))?.ok_or_else(unknown);
        }
        let Ok(label) = Label::parse(word) else {
            return Err(unknown());
        };
        let named = self
            .agents
            .named(scope, &label)
            .await
            .map_err(ManageError::store("finding the agent"))?;
        let (mut by_id, mut by_name): (Vec<_>, Vec<_>) =
            named.into_iter().partition(|agent| agent.profile.external_id.as_ref() == Some(&label));
        let candidates = if by_id.is_empty() { &mut by_name } else { &mut by_id };
        match candidates.pop() {
            None => Err(unknown()),
            Some(agent) if candidates.is_empty() => Ok(agent),
            Some(last) => Err(ManageError::AgentAmbiguous {
                word: word.trim().to_owned(),
                ids: candidates.drain(..).chain([last]).map(|agent| agent.id).collect(),
            }),
        }
    }
}
