//! Which calls agents have, and which of their voice servers take calls.
//!
//! Everything is memory: the calls that this process has decided, and how many the others have, as the store was
//! last asked. What is lost on the way heals: a call that the store does not know as live any more is dropped.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwapOption;
use switchboard_domain::agent::VoiceTarget;
use switchboard_domain::identifier::AgentId;
use switchboard_domain::plan::AgentLoad;
use switchboard_domain::sid::CallSid;
use switchboard_domain::time::Timestamp;
use switchboard_domain::web_address::WebUrl;

use super::circuit_breaker::CircuitBreaker;

/// How much is remembered, and how long.
#[derive(Clone, Copy, Debug)]
pub struct AgentLoadLimits {
    /// Calls of this process that are counted at most; more are not.
    pub calls: usize,
    /// A call is over after so many seconds, whatever was heard of it.
    pub longest_call: i64,
    /// A call that the store does not know as live is over after so many seconds: its record was on its way before.
    pub grace: i64,
}

impl Default for AgentLoadLimits {
    /// 100,000 calls, four hours as Twilio's own limit of a `<Dial>`, fifteen seconds.
    fn default() -> Self {
        Self { calls: 100_000, longest_call: 4 * 3_600, grace: 15 }
    }
}

/// Who has which calls, and who takes some.
pub struct AgentLoadTracker {
    limits: AgentLoadLimits,
    agents: Mutex<HashMap<AgentId, Arc<TrackedAgent>>>,
    servers: Mutex<HashMap<String, Arc<Server>>>,
    live: Mutex<HashMap<CallSid, LiveCall>>,
    uncounted: metrics::Counter,
}

/// An agent's calls and its voice server.
#[derive(Debug)]
pub(crate) struct TrackedAgent {
    id: AgentId,
    here: AtomicU32,
    elsewhere: AtomicU32,
    server: ArcSwapOption<Server>,
}

/// A voice server, and how it is looked at.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) health: CircuitBreaker,
    pub(super) target: VoiceTarget,
    pub(super) health_url: Option<WebUrl>,
}

/// How an agent's part in a call went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The agent is done with it.
    Done,
    /// The call is over, most likely as the caller has hung up.
    CallOver,
    /// The agent could not be reached, or was lost.
    Failed,
}

struct LiveCall {
    load: Arc<TrackedAgent>,
    /// Where the call went: the agent may have another one by now.
    server: Option<Arc<Server>>,
    since: Timestamp,
}

impl TrackedAgent {
    /// What is known of the agent.
    pub(super) fn agent_load(&self, now: Timestamp) -> AgentLoad {
        let calls = self.here.load(Ordering::Relaxed) + self.elsewhere.load(Ordering::Relaxed);
        let server = self.server.load();
        let is_down = server.as_ref().is_some_and(|server| !server.health.takes_calls(now));
        AgentLoad { calls, is_down }
    }

    /// Counts one more call, unless there is no room for it.
    fn takes_one(&self, capacity: Option<u32>) -> bool {
        let elsewhere = self.elsewhere.load(Ordering::Relaxed);
        let more = |here: u32| {
            let has_room = capacity.is_none_or(|most| here.saturating_add(elsewhere) < most);
            has_room.then(|| here.saturating_add(1))
        };
        self.here.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok()
    }

    /// Counts one less, unless there is none.
    fn gives_one_back(&self) {
        let less = |here: u32| here.checked_sub(1);
        let _none = self.here.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
    }
}

impl LiveCall {
    /// It counts no more, and tells something of the server that it went to.
    fn over(&self, outcome: Outcome, now: Timestamp) {
        self.load.gives_one_back();
        let Some(server) = &self.server else { return };
        let seconds = now.seconds() - self.since.seconds();
        match outcome {
            Outcome::Done => server.health.ended(seconds, false),
            Outcome::CallOver => server.health.ended(seconds, true),
            Outcome::Failed => server.health.failed(),
        }
    }
}

impl AgentLoadTracker {
    /// Knows of nobody yet.
    pub fn new(limits: AgentLoadLimits) -> Self {
        Self {
            limits,
            agents: Mutex::default(),
            servers: Mutex::default(),
            live: Mutex::default(),
            uncounted: metrics::counter!("switchboard_calls_uncounted_total"),
        }
    }

    /// The load of an agent whose calls go to `target` from now on. It stays the same one when the target changes.
    pub(super) fn of(
        &self,
        id: &AgentId,
        target: Option<&VoiceTarget>,
        health_url: Option<&WebUrl>,
    ) -> Arc<TrackedAgent> {
        // Phones and other people's TwiML are not looked at.
        let target = target.filter(|target| {
            matches!(target, VoiceTarget::Stream(_) | VoiceTarget::ConversationRelay(_))
        });
        let server = target.map(|target| self.server(target, health_url));
        let mut agents = locked(&self.agents);
        let new = || {
            Arc::new(TrackedAgent {
                id: id.clone(),
                here: AtomicU32::new(0),
                elsewhere: AtomicU32::new(0),
                server: ArcSwapOption::empty(),
            })
        };
        let load = Arc::clone(agents.entry(id.clone()).or_insert_with(new));
        drop(agents);
        load.server.store(server);
        load
    }

    fn server(&self, target: &VoiceTarget, health_url: Option<&WebUrl>) -> Arc<Server> {
        let key = format!("{} {}", target.value(), health_url.map_or("", WebUrl::as_str));
        let new = || {
            Arc::new(Server {
                health: CircuitBreaker::new(),
                target: target.clone(),
                health_url: health_url.cloned(),
            })
        };
        Arc::clone(locked(&self.servers).entry(key).or_insert_with(new))
    }

    /// A call goes to an agent, which takes so many at once. `false` if there is no room for it, or the agent's voice
    /// server takes none: of many that come at once, no more are taken than there is room for.
    pub(crate) fn begins(
        &self,
        call: CallSid,
        load: &Arc<TrackedAgent>,
        capacity: Option<u32>,
        now: Timestamp,
    ) -> bool {
        let mut live = locked(&self.live);
        let has_room = live.len() < self.limits.calls;
        match live.entry(call) {
            // Twilio has asked once more.
            Entry::Occupied(known) if known.get().load.id == load.id => true,
            Entry::Vacant(_) if !has_room => {
                self.uncounted.increment(1);
                drop(live);
                load.server.load().as_ref().is_none_or(|server| server.health.begins(now))
            }
            _ if !load.takes_one(capacity) => false,
            entry => {
                let server = load.server.load_full();
                if server.as_ref().is_some_and(|server| !server.health.begins(now)) {
                    load.gives_one_back();
                    return false;
                }
                let begun = LiveCall { load: Arc::clone(load), server, since: now };
                if let Entry::Occupied(mut known) = entry {
                    known.insert(begun).load.gives_one_back();
                } else {
                    entry.insert_entry(begun);
                }
                true
            }
        }
    }

    /// The agent that has a call.
    pub(crate) fn holder(&self, call: CallSid) -> Option<AgentId> {
        locked(&self.live).get(&call).map(|call| call.load.id.clone())
    }

    /// A call has ended.
    pub(crate) fn ends(&self, call: CallSid, now: Timestamp) {
        let ended = locked(&self.live).remove(&call);
        if let Some(ended) = ended {
            ended.over(Outcome::CallOver, now);
        }
    }

    /// An agent's part in a call is over. `false` if another agent has the call by now, so that this was told before.
    pub(crate) fn parts(
        &self,
        call: CallSid,
        agent: &AgentId,
        outcome: Outcome,
        now: Timestamp,
    ) -> bool {
        let mut live = locked(&self.live);
        let Some(known) = live.get(&call) else { return true };
        if known.load.id != *agent {
            return false;
        }
        let ended = live.remove(&call);
        drop(live);
        if let Some(ended) = ended {
            ended.over(outcome, now);
        }
        true
    }

    /// When the oldest call that may be live has begun.
    pub(super) fn oldest(&self, now: Timestamp) -> Timestamp {
        now.plus_seconds(-self.limits.longest_call)
    }

    /// Takes in which calls are live as far as all processes have recorded. `None` if that cannot be told now: then
    /// only what is far too old is dropped.
    pub(super) fn refresh(&self, recorded: Option<&[(CallSid, AgentId)]>, now: Timestamp) {
        let known: Option<HashSet<CallSid>> =
            recorded.map(|recorded| recorded.iter().map(|(call, _)| *call).collect());
        let mut live = locked(&self.live);
        live.retain(|call, begun| {
            let age = now.seconds() - begun.since.seconds();
            let is_over = age >= self.limits.longest_call
                || (age >= self.limits.grace
                    && known.as_ref().is_some_and(|known| !known.contains(call)));
            if is_over {
                begun.load.gives_one_back();
            }
            !is_over
        });
        let Some(recorded) = recorded else { return };
        let mut elsewhere: HashMap<&AgentId, u32> = HashMap::new();
        for (_, agent) in recorded.iter().filter(|(call, _)| !live.contains_key(call)) {
            *elsewhere.entry(agent).or_default() += 1;
        }
        drop(live);
        let mut agents = locked(&self.agents);
        // An agent that no plan names any more is not counted any longer.
        agents.retain(|_, load| Arc::strong_count(load) > 1);
        for (id, load) in agents.iter() {
            let calls = elsewhere.get(id).copied().unwrap_or_default();
            load.elsewhere.store(calls, Ordering::Relaxed);
        }
        drop(agents);
        locked(&self.servers).retain(|_, server| Arc::strong_count(server) > 1);
    }

    /// Whether there is nothing to keep up.
    pub(super) fn is_idle(&self) -> bool {
        locked(&self.agents).is_empty() && locked(&self.live).is_empty()
    }

    /// Every voice server that a plan may send calls to.
    pub(super) fn servers(&self) -> Vec<Arc<Server>> {
        locked(&self.servers).values().cloned().collect()
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
