//! The secrets that sign deliveries to the endpoints of agents.

use std::sync::Arc;

use switchboard_domain::agent::Agent;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{AgentSecret, AgentSecretStore, Clock, Randomness};
use switchboard_domain::sealing::Keyring;
use switchboard_domain::secret::Secret;

use crate::signing_secrets::{OVERLAP_HOURS, SecretError, new_secret};

/// Creates, rotates and decrypts the secrets of agents' endpoints.
#[derive(Clone)]
pub struct WebhookSecrets {
    /// The stored secrets.
    pub store: Arc<dyn AgentSecretStore>,
    /// Encrypts and decrypts them.
    pub keyring: Arc<Keyring>,
    /// Generates secrets and nonces.
    pub randomness: Arc<dyn Randomness>,
    /// Determines when a previous secret expires.
    pub clock: Arc<dyn Clock>,
}

impl WebhookSecrets {
    /// Creates a new secret of an agent and returns it: `whsec_` followed by base64. The previous one signs for another 24
    /// hours.
    pub async fn create(&self, scope: &Scope, agent: &Agent) -> Result<Secret, SecretError> {
        let known = self.store.of_agent(scope, &agent.id).await.map_err(SecretError::Store)?;
        let number = known.first().map_or(1, |newest| newest.number + 1);
        let key = AgentSecret::key(&agent.id, number);
        let place = AgentSecret::place(&key);
        let (secret, sealed) = new_secret(&self.keyring, self.randomness.as_ref(), &place)?;
        let new = AgentSecret { agent: agent.id.clone(), number, sealed, expires_at: None };
        let now = self.clock.now();
        let previous_expires_at = now.plus_seconds(OVERLAP_HOURS * 3_600);
        let added = self.store.add(scope, &new, now, previous_expires_at).await;
        added.map_err(SecretError::Store)?;
        Ok(secret)
    }

    /// Creates the first secret of an agent; `None` if it has one.
    pub async fn ensure(
        &self,
        scope: &Scope,
        agent: &Agent,
    ) -> Result<Option<Secret>, SecretError> {
        let known = self.store.of_agent(scope, &agent.id).await.map_err(SecretError::Store)?;
        if known.is_empty() { self.create(scope, agent).await.map(Some) } else { Ok(None) }
    }

    /// Decrypts those secrets of an agent that sign now, in their order.
    pub(crate) fn open_valid(&self, secrets: Vec<AgentSecret>) -> Result<Vec<Secret>, SecretError> {
        let now = self.clock.now();
        let valid =
            secrets.into_iter().filter(|secret| secret.expires_at.is_none_or(|at| now < at));
        let open = |secret: AgentSecret| {
            let key = AgentSecret::key(&secret.agent, secret.number);
            self.keyring.open(&AgentSecret::place(&key), &secret.sealed).map_err(SecretError::Open)
        };
        valid.map(open).collect()
    }
}
