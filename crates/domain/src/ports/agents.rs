//! The stored agents, and which of their message targets answered 410.

#![cfg_attr(
    feature = "mock",
    expect(
        clippy::ref_option_ref,
        reason = "the expectations of a mock take arguments by reference"
    )
)]

use async_trait::async_trait;

use super::{Page, StoreError};
use crate::agent::{Agent, Label};
use crate::audit::Author;
use crate::identifier::AgentId;
use crate::organization::Scope;
use crate::time::Timestamp;

/// Stores agents. Laws: `switchboard_contract::agents`.
///
/// It has one method more than other ports, because callers look agents up in two ways: `find` for a
/// reference by id, which is unique, and `named` for a word that a person typed, which can match
/// several agents.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait AgentStore: Send + Sync {
    /// Adds an agent. MUST return `Exists` if an agent of its organization has this id or external
    /// id, and `Missing` if the scope does not cover the agent's organization or the organization
    /// does not exist.
    async fn add(&self, author: &Author, agent: &Agent) -> Result<(), StoreError>;

    /// Returns the agent with this id, if the scope covers it.
    async fn find(&self, scope: &Scope, id: &AgentId) -> Result<Option<Agent>, StoreError>;

    /// Returns the agents that the scope covers and whose name or external id is `word`, ordered by
    /// id. Names are not unique, so there can be several.
    async fn named(&self, scope: &Scope, word: &Label) -> Result<Vec<Agent>, StoreError>;

    /// Lists the agents that the scope covers, ordered by id.
    async fn list(&self, scope: &Scope, page: &Page<AgentId>) -> Result<Vec<Agent>, StoreError>;

    /// Replaces the profile and the prompt of an agent. `before` is the agent as the caller read it; `None` replaces
    /// whatever is stored. MUST return `Missing` if the scope does not cover an agent with this id, `Changed` if its
    /// profile or its prompt is not that of `before`, and `Exists` if another agent of its organization has the
    /// external id. Of several changes of the same `before` at the same time, at most one MUST succeed if each of them
    /// changes something. MUST NOT change the organization and the creation time. MUST remove the key of its chat model if the
    /// stored agent had its chat model at another base URL, or has none any more: a key is never sent to another server.
    async fn change<'a>(
        &self,
        author: &Author,
        before: Option<&'a Agent>,
        agent: &Agent,
    ) -> Result<(), StoreError>;

    /// Removes an agent. MUST return `Missing` if the scope does not cover an agent with this id, `Changed` if its
    /// profile or its prompt is not that of `before`, and `InUse` while numbers are assigned to it.
    async fn remove<'a>(
        &self,
        author: &Author,
        id: &AgentId,
        before: Option<&'a Agent>,
    ) -> Result<(), StoreError>;
}

/// Remembers which message targets of agents answered 410. Laws: `switchboard_contract::gone_targets`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait GoneTargetStore: Send + Sync {
    /// Returns when the message target of an agent answered 410, if the scope covers the agent: see
    /// [`DeliveryQueue::record`](super::DeliveryQueue::record). MUST return `None` for an agent whose target has changed since.
    async fn gone_since(
        &self,
        scope: &Scope,
        id: &AgentId,
    ) -> Result<Option<Timestamp>, StoreError>;

    /// Forgets that the message target of an agent answered 410. MUST return `Missing` if the scope does not cover an agent
    /// with this id.
    async fn enable_target(&self, author: &Author, id: &AgentId) -> Result<(), StoreError>;
}
