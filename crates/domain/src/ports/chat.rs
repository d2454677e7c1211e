//! Chat models, and what is stored about those of agents.

use async_trait::async_trait;

use super::{EndpointError, StoreError};
use crate::agent::ChatModel;
use crate::audit::Author;
use crate::chat::ChatMessage;
use crate::identifier::{AgentId, OrganizationId};
use crate::organization::Scope;
use crate::sealing::Sealed;
use crate::secret::Secret;
use crate::time::UtcDay;
use crate::web_address::WebUrl;

/// A request for a completion.
#[derive(Clone, Debug)]
pub struct ChatRequest {
    /// The organization of the agent.
    pub organization: OrganizationId,
    /// The model that is asked, with its URL and limits.
    pub model: ChatModel,
    /// The key of the model; `None` if it needs none.
    pub key: Option<Secret>,
    /// The messages, oldest first; the last one is of the contact.
    pub messages: Vec<ChatMessage>,
}

/// What a chat model answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatAnswer {
    /// The text, or what is wrong with the response; the error contains no text of the model.
    pub text: Result<String, &'static str>,
    /// The completion tokens that it used; `None` if it did not say.
    pub completion_tokens: Option<u32>,
}

/// Asks chat models.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ChatClient: Send + Sync {
    /// Asks for one completion, with at most the tokens of the limit of a reply.
    async fn complete(&self, request: &ChatRequest) -> Result<ChatAnswer, EndpointError>;
}

/// Whether completion tokens are reserved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Reservation {
    /// They are reserved, and have to be settled.
    Reserved,
    /// Nothing is reserved: running requests may use up the limit.
    Busy,
    /// Nothing is reserved: the limit of the day is used up.
    UsedUp,
}

/// Stores the keys of agents' chat models, and how many completion tokens agents use, which limits all processes together.
/// Laws: `switchboard_contract::chat_models`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ChatModelStore: Send + Sync {
    /// Replaces the key of the chat model of an agent. `url` is the base URL that the key is for. MUST return `Missing` if the
    /// scope does not cover the agent, and `Changed` if its chat model is not at this URL, also if it was there a moment ago.
    /// The key is removed when the agent gets another URL or no chat model: see [`AgentStore::change`](super::AgentStore::change).
    async fn set_key(
        &self,
        author: &Author,
        agent: &AgentId,
        url: &WebUrl,
        sealed: Sealed,
    ) -> Result<(), StoreError>;

    /// Returns the key of an agent that the scope covers.
    async fn key(&self, scope: &Scope, agent: &AgentId) -> Result<Option<Sealed>, StoreError>;

    /// Reserves tokens of a day if those that are used and reserved are fewer than the limit. The
    /// last reservation may exceed it. A later day than before begins with nothing used; an earlier one counts as the latest. MUST
    /// return `Missing` if the agent does not exist.
    async fn reserve(
        &self,
        agent: &AgentId,
        day: UtcDay,
        tokens: u32,
        limit: u32,
    ) -> Result<Reservation, StoreError>;

    /// Replaces a reservation by what was used. Does nothing if a later day has begun.
    async fn settle(
        &self,
        agent: &AgentId,
        day: UtcDay,
        reserved: u32,
        used: u32,
    ) -> Result<(), StoreError>;
}
