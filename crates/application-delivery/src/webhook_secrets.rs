//! The secrets that sign deliveries to the endpoints of agents.

use std::sync::Arc;

use switchboard_domain::agent::Agent;
use switchboard_domain::audit::Author;
use switchboard_domain::ports::{AgentSecret, AgentSecretStore, Clock, Randomness, StoreError};
use switchboard_domain::sealing::Keyring;
use switchboard_domain::secret::Secret;

use crate::signing_secrets::{ATTEMPTS, OVERLAP_HOURS, SecretError, new_secret};

/// The number of the first secret of an agent.
const FIRST: i64 = 1;

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
    /// hours. Of several that are created at the same time, each is one more.
    pub async fn create(&self, author: &Author, agent: &Agent) -> Result<Secret, SecretError> {
        for _ in 1..ATTEMPTS {
            match self.add(author, agent, self.next_number(author, agent).await?).await {
                Err(SecretError::Changed) => {}
                created => return created,
            }
        }
        self.add(author, agent, self.next_number(author, agent).await?).await
    }

    /// Creates the first secret of an agent; `None` if it has one, also one that is created at the same time.
    pub async fn ensure(
        &self,
        author: &Author,
        agent: &Agent,
    ) -> Result<Option<Secret>, SecretError> {
        if self.next_number(author, agent).await? != FIRST {
            return Ok(None);
        }
        match self.add(author, agent, FIRST).await {
            Ok(secret) => Ok(Some(secret)),
            Err(SecretError::Changed) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn next_number(&self, author: &Author, agent: &Agent) -> Result<i64, SecretError> {
        let known = self.store.of_agent(author, &agent.id).await.map_err(SecretError::Store)?;
        Ok(known.first().map_or(FIRST, |newest| newest.number + 1))
    }

    /// Adds the secret with this number, unless there is one.
    async fn add(
        &self,
        author: &Author,
        agent: &Agent,
        number: i64,
    ) -> Result<Secret, SecretError> {
        let key = AgentSecret::key(&agent.id, number);
        let place = AgentSecret::place(&key);
        let (secret, sealed) = new_secret(&self.keyring, self.randomness.as_ref(), &place)?;
        let new = AgentSecret { agent: agent.id.clone(), number, sealed, expires_at: None };
        let now = self.clock.now();
        let previous_expires_at = now.plus_seconds(OVERLAP_HOURS * 3_600);
        match self.store.add(author, &new, now, previous_expires_at).await {
            Ok(()) => Ok(secret),
            Err(StoreError::Exists { .. }) => Err(SecretError::Changed),
            Err(StoreError::Missing { .. }) => Err(SecretError::Removed),
            Err(error) => Err(SecretError::Store(error)),
        }
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
