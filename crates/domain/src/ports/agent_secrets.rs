//! The stored secrets that sign requests to agents' endpoints.

use async_trait::async_trait;

use super::StoreError;
use crate::audit::Author;
use crate::identifier::AgentId;
use crate::organization::Scope;
use crate::sealing::{AssociatedData, Sealed};
use crate::time::Timestamp;

/// The maximum number of secrets of an agent or a subscription that sign at a time: each adds a signature to every request.
pub const MAX_SIGNING_SECRETS: i64 = 5;

/// A secret that signs the deliveries to an agent's endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentSecret {
    /// The agent whose requests the secret signs.
    pub agent: AgentId,
    /// Tells the secrets of an agent apart; part of the location that the secret is sealed for.
    pub number: i64,
    /// The secret, sealed with the encryption key.
    pub sealed: Sealed,
    /// From when on it signs nothing; `None` for the current secret.
    pub expires_at: Option<Timestamp>,
}

impl AgentSecret {
    /// The key of a stored secret, as it is sealed for it.
    pub fn key(agent: &AgentId, number: i64) -> String {
        format!("{agent}/{number}")
    }

    /// The location that a secret with this key is sealed for.
    pub const fn place(key: &str) -> AssociatedData<'_> {
        AssociatedData { table: "agent_secrets", column: "sealed", key }
    }
}

/// Stores the secrets of agents' endpoints. Laws: `switchboard_contract::agent_secrets`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait AgentSecretStore: Send + Sync {
    /// Adds the current secret of an agent, sets the expiry of the secret that was current, and removes those that have
    /// expired at `now` and those whose number is less by `MAX_SIGNING_SECRETS` or more. MUST return `Missing` if the scope does not cover the agent, and `Exists` if the agent has a
    /// secret with this number.
    async fn add(
        &self,
        author: &Author,
        secret: &AgentSecret,
        now: Timestamp,
        previous_expires_at: Timestamp,
    ) -> Result<(), StoreError>;

    /// Returns the secrets of an agent that the scope covers, newest first.
    async fn of_agent(
        &self,
        scope: &Scope,
        agent: &AgentId,
    ) -> Result<Vec<AgentSecret>, StoreError>;
}
