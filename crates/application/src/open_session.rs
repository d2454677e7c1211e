//! A voice server asks for the configuration of the agent that it is to be.

use std::sync::{Arc, Mutex, PoisonError};

use quick_cache::Weighter;
use quick_cache::sync::Cache;
use switchboard_domain::agent::Agent;
use switchboard_domain::identifier::AgentId;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{AgentStore, Clock, StoreError};
use switchboard_domain::session::{SessionClaims, SessionError, SessionKeys};
use switchboard_domain::sid::CallSid;

use crate::deadline::{Deadlines, within};

/// Bytes of agents, prompts included, that stay in memory.
const MOST_BYTES: u64 = 32 * 1024 * 1024;
/// Agents that fit if their prompts are short.
const ESTIMATED_AGENTS: usize = 10_000;
/// Agents that wait to be read ahead of their voice servers' question.
const MOST_WARMING: usize = 1_024;

#[derive(Clone)]
struct ByPrompt;

impl Weighter<AgentId, Arc<Agent>> for ByPrompt {
    fn weight(&self, _id: &AgentId, agent: &Arc<Agent>) -> u64 {
        1_024 + agent.prompt.as_str().len() as u64
    }
}

/// Agents with their prompts, bounded by bytes. What a call is answered for is read ahead behind the
/// answer, so that the voice server's question a moment later finds it, with or without the database.
pub struct AgentCache {
    store: Arc<dyn AgentStore>,
    deadlines: Deadlines,
    known: Cache<AgentId, Arc<Agent>, ByPrompt>,
    warming: Mutex<Vec<AgentId>>,
    wake: tokio::sync::Notify,
}

enum Missing {
    Unknown,
    Failed(StoreError),
}

impl AgentCache {
    /// An empty cache before `store`.
    pub fn new(store: Arc<dyn AgentStore>, deadlines: Deadlines) -> Self {
        Self {
            store,
            deadlines,
            known: Cache::with_weighter(ESTIMATED_AGENTS, MOST_BYTES, ByPrompt),
            warming: Mutex::default(),
            wake: tokio::sync::Notify::new(),
        }
    }

    /// Asks for an agent to be read soon, if it is not known. Never waits.
    pub(crate) fn warm(&self, id: &AgentId) {
        if self.known.contains_key(id) {
            return;
        }
        let mut warming = self.warming.lock().unwrap_or_else(PoisonError::into_inner);
        if warming.len() < MOST_WARMING && !warming.contains(id) {
            warming.push(id.clone());
            self.wake.notify_one();
        }
    }

    /// Reads the agents that were asked for, for ever.
    pub async fn run(&self) {
        loop {
            self.wake.notified().await;
            let wanted =
                std::mem::take(&mut *self.warming.lock().unwrap_or_else(PoisonError::into_inner));
            for id in wanted {
                // A failure is told when the voice server asks.
                let _read_ahead = self.find(&id).await;
            }
        }
    }

    pub(crate) async fn find(&self, id: &AgentId) -> Result<Option<Arc<Agent>>, StoreError> {
        let load = async {
            let found =
                within(self.deadlines.read, "agent.find", self.store.find(&Scope::Operator, id));
            found.await.map_err(Missing::Failed)?.map(Arc::new).ok_or(Missing::Unknown)
        };
        // Who waits for another's reading waits no longer than for the store.
        let found =
            tokio::time::timeout(self.deadlines.read, self.known.get_or_insert_async(id, load))
                .await;
        match found
            .unwrap_or_else(|_elapsed| Err(Missing::Failed(StoreError::timed_out("agent.find"))))
        {
            Ok(agent) => Ok(Some(agent)),
            Err(Missing::Unknown) => Ok(None),
            Err(Missing::Failed(error)) => Err(error),
        }
    }

    /// An agent changed.
    pub fn forget(&self, id: &AgentId) {
        self.known.remove(id);
    }

    /// Everything may have changed.
    pub fn forget_all(&self) {
        self.known.clear();
    }
}

/// A session, as a voice server reads it.
pub struct OpenedSession {
    /// What the token says.
    pub claims: SessionClaims,
    /// The agent, prompt included.
    pub agent: Arc<Agent>,
}

/// Why a session is not handed out.
#[derive(Debug, thiserror::Error)]
pub enum SessionRefused {
    /// The token is none of ours, has expired, or is another call's: 401.
    #[error("session token refused")]
    Token(#[source] SessionError),
    /// The token is good, but for another call: 401.
    #[error("session token is for another call")]
    OtherCall,
    /// The agent is gone: 404.
    #[error("agent is gone")]
    AgentGone,
    /// The store is away or failed.
    #[error("agent could not be read")]
    Store(#[source] StoreError),
}

/// Hands out sessions.
pub struct OpenSession {
    sessions: Arc<SessionKeys>,
    agents: Arc<AgentCache>,
    clock: Arc<dyn Clock>,
}

impl OpenSession {
    /// The use case over its parts.
    pub fn new(sessions: Arc<SessionKeys>, agents: Arc<AgentCache>, clock: Arc<dyn Clock>) -> Self {
        Self { sessions, agents, clock }
    }

    /// The configuration of the agent that `token` was made for, if it was made for `call`.
    pub async fn open(&self, call: CallSid, token: &str) -> Result<OpenedSession, SessionRefused> {
        let claims =
            self.sessions.verify(token, self.clock.now()).map_err(SessionRefused::Token)?;
        if claims.call != call {
            return Err(SessionRefused::OtherCall);
        }
        let agent = self.agents.find(&claims.agent).await.map_err(SessionRefused::Store)?;
        let agent = agent.ok_or(SessionRefused::AgentGone)?;
        Ok(OpenedSession { claims, agent })
    }
}
