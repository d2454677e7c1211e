//! The secrets that sign requests to handlers, in memory.

use std::sync::Arc;
use std::time::Duration;

use quick_cache::sync::Cache;
use switchboard_domain::identifier::AgentId;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{AgentSecret, AgentSecretStore, Clock};
use switchboard_domain::sealing::Keyring;
use switchboard_domain::secret::Secret;
use tokio::time::Instant;

use super::AskError;
use crate::deadline::{Deadlines, within};

/// The maximum number of agents whose secrets are in memory.
const MAX_AGENTS: usize = 10_000;
/// How long a secret in memory is used without reading it again. A new secret signs after this time.
const KNOWN_FOR: Duration = Duration::from_secs(10);

#[derive(Clone)]
struct Known {
    secret: Secret,
    read_at: Instant,
}

/// Reads the newest secret of an agent. A secret in memory is used while the store is unavailable.
pub(super) struct HandlerSecrets {
    pub(super) store: Arc<dyn AgentSecretStore>,
    pub(super) keyring: Arc<Keyring>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) deadlines: Deadlines,
    known: Cache<AgentId, Known>,
}

impl HandlerSecrets {
    pub(super) fn new(
        store: Arc<dyn AgentSecretStore>,
        keyring: Arc<Keyring>,
        clock: Arc<dyn Clock>,
        deadlines: Deadlines,
    ) -> Self {
        Self { store, keyring, clock, deadlines, known: Cache::new(MAX_AGENTS) }
    }

    pub(super) async fn newest(&self, scope: &Scope, agent: &AgentId) -> Result<Secret, AskError> {
        let known = self.known.get(agent);
        let is_current = |known: &&Known| known.read_at.elapsed() < KNOWN_FOR;
        if let Some(known) = known.as_ref().filter(is_current) {
            return Ok(known.secret.clone());
        }
        let limit = if known.is_some() { self.deadlines.reread } else { self.deadlines.read };
        match (self.read(scope, agent, limit).await, known) {
            (Ok(secret), _) => {
                let read_at = Instant::now();
                self.known.insert(agent.clone(), Known { secret: secret.clone(), read_at });
                Ok(secret)
            }
            (Err(AskError::Store(_)), Some(known)) => Ok(known.secret),
            (Err(error), _) => Err(error),
        }
    }

    async fn read(
        &self,
        scope: &Scope,
        agent: &AgentId,
        limit: Duration,
    ) -> Result<Secret, AskError> {
        let found = self.store.of_agent(scope, agent);
        let found = within(limit, "agent_secret.of_agent", found).await.map_err(AskError::Store)?;
        let now = self.clock.now();
        let mut valid =
            found.into_iter().filter(|secret| secret.expires_at.is_none_or(|at| now < at));
        let newest = valid.next().ok_or(AskError::NoSecret)?;
        let key = AgentSecret::key(&newest.agent, newest.number);
        self.keyring.open(&AgentSecret::place(&key), &newest.sealed).map_err(AskError::Open)
    }
}
