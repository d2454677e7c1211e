//! Agents with their prompts, in memory.

use std::sync::{Arc, Mutex, PoisonError};

use quick_cache::Weighter;
use quick_cache::sync::Cache;
use switchboard_domain::agent::Agent;
use switchboard_domain::identifier::AgentId;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{AgentStore, StoreError};

use crate::deadline::{Deadlines, within};

/// The maximum size of all cached agents in bytes, including prompts.
const MAX_BYTES: u64 = 32 * 1024 * 1024;
/// How many agents fit if their prompts are short.
const ESTIMATED_AGENTS: usize = 10_000;
/// The maximum number of agents that wait to be prefetched.
const MAX_WARMING: usize = 1_024;

#[derive(Clone)]
struct ByPrompt;

impl Weighter<AgentId, Arc<Agent>> for ByPrompt {
    fn weight(&self, _id: &AgentId, agent: &Arc<Agent>) -> u64 {
        1_024 + agent.prompt.as_str().len() as u64
    }
}

/// Caches agents with their prompts, limited by bytes. The agent of an answered call is prefetched
/// after the answer, so that the voice server can read its session shortly afterwards, even without
/// the database.
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
    /// An empty cache in front of `store`.
    pub fn new(store: Arc<dyn AgentStore>, deadlines: Deadlines) -> Self {
        Self {
            store,
            deadlines,
            known: Cache::with_weighter(ESTIMATED_AGENTS, MAX_BYTES, ByPrompt),
            warming: Mutex::default(),
            wake: tokio::sync::Notify::new(),
        }
    }

    /// Queues an agent to be prefetched if it is not cached. Never waits.
    pub(crate) fn warm(&self, id: &AgentId) {
        if self.known.contains_key(id) {
            return;
        }
        let mut warming = self.warming.lock().unwrap_or_else(PoisonError::into_inner);
        if warming.len() < MAX_WARMING && !warming.contains(id) {
            warming.push(id.clone());
            self.wake.notify_one();
        }
    }

    /// Prefetches queued agents, forever.
    pub async fn run(&self) {
        loop {
            self.wake.notified().await;
            let wanted =
                std::mem::take(&mut *self.warming.lock().unwrap_or_else(PoisonError::into_inner));
            for id in wanted {
                // A failure is reported when the voice server asks.
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
        // A caller that waits for the read of another caller waits no longer than for its own read.
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

    /// Removes a changed agent.
    pub fn forget(&self, id: &AgentId) {
        self.known.remove(id);
    }

    /// Removes all agents.
    pub fn forget_all(&self) {
        self.known.clear();
    }
}
