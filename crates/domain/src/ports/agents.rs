use async_trait::async_trait;

use super::{Page, StoreError};
use crate::agent::{Agent, Label};
use crate::identifier::AgentId;
use crate::organization::Scope;

/// Keeps agents. Laws: `switchboard_contract::agents`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait AgentStore: Send + Sync {
    /// Adds an agent. MUST return `Exists` if its organization has one with that id or external id, and
    /// `Missing` if the scope does not cover the agent's organization or that organization is not there.
    async fn add(&self, scope: &Scope, agent: &Agent) -> Result<(), StoreError>;

    /// The agent with that id, if the scope covers it.
    async fn find(&self, scope: &Scope, id: &AgentId) -> Result<Option<Agent>, StoreError>;

    /// The agents that the scope covers and whose name or external id is `word`, in the order of their
    /// ids. Names need not be unique, so there can be several.
    async fn named(&self, scope: &Scope, word: &Label) -> Result<Vec<Agent>, StoreError>;

    /// The agents that the scope covers, in the order of their ids.
    async fn list(&self, scope: &Scope, page: &Page<AgentId>) -> Result<Vec<Agent>, StoreError>;

    /// Replaces profile and prompt of an agent. MUST return `Missing` if the scope does not cover one with
    /// that id, and `Exists` if another of its organization has the external id. The organization and the
    /// time of creation MUST stay as they were.
    async fn change(&self, scope: &Scope, agent: &Agent) -> Result<(), StoreError>;

    /// Removes an agent. MUST return `Missing` if the scope does not cover one with that id, and `InUse`
    /// while numbers are assigned to it.
    async fn remove(&self, scope: &Scope, id: &AgentId) -> Result<(), StoreError>;
}
