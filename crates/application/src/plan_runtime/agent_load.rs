//! The load of agents: how many calls each has, and whether its voice server takes calls.
//!
//! All of it is in memory: the calls that this process decided, and how many other processes have, as of the last read of
//! the store. A missed end of a call corrects itself: a call that the store no longer lists as live is dropped.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwapOption;
use switchboard_domain::agent::VoiceTarget;
use switchboard_domain::call::CallKey;
use switchboard_domain::identifier::{AgentId, OrganizationId};
use switchboard_domain::plan::AgentLoad;
use switchboard_domain::time::Timestamp;
use switchboard_domain::web_address::WebUrl;

use super::circuit_breaker::{CircuitBreaker, EndedBy};
use super::ended_calls::EndedCalls;

/// Limits of the tracked calls.
#[derive(Clone, Copy, Debug)]
pub struct AgentLoadLimits {
    /// Most calls of this process that are counted. Further calls are answered, but not counted.
    pub calls: usize,
    /// Seconds after which a call counts as over, even if its end was never reported.
    pub longest_call: i64,
    /// Seconds after which a call counts as over if the store does not list it as live. Before, its record may still
    /// be queued.
    pub grace: i64,
}

impl Default for AgentLoadLimits {
    /// 100,000 calls; four hours, Twilio's own limit of a `<Dial>`; fifteen seconds.
    fn default() -> Self {
        Self { calls: 100_000, longest_call: 4 * 3_600, grace: 15 }
    }
}

/// Tracks which agent has which call, and how healthy the voice servers are.
pub struct AgentLoadTracker {
    limits: AgentLoadLimits,
    agents: Mutex<HashMap<AgentId, Arc<TrackedAgent>>>,
    /// By organization and address: what happens to one organization's calls says nothing about the calls of others.
    servers: Mutex<HashMap<(OrganizationId, String), Arc<Server>>>,
    live: Mutex<HashMap<CallKey, LiveCall>>,
    ended: EndedCalls,
    uncounted: metrics::Counter,
}

/// An agent's number of calls and its voice server.
#[derive(Debug)]
pub(crate) struct TrackedAgent {
    id: AgentId,
    local: AtomicU32,
    remote: AtomicU32,
    server: ArcSwapOption<Server>,
}

/// A voice server and its circuit breaker.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) breaker: CircuitBreaker,
    pub(super) target: VoiceTarget,
    pub(super) health_url: Option<WebUrl>,
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The agent ended its part.
    Done,
    /// The call is over, most likely because the caller hung up.
    CallOver,
    /// The agent could not be reached, or the connection broke.
    Failed,
}

struct LiveCall {
    agent: Arc<TrackedAgent>,
    /// Where the call went. The agent may have another voice server by now.
    server: Option<Arc<Server>>,
    since: Timestamp,
}

impl TrackedAgent {
    /// The load at an instant.
    pub(super) fn agent_load(&self, now: Timestamp) -> AgentLoad {
        let calls = self.local.load(Ordering::Relaxed) + self.remote.load(Ordering::Relaxed);
        let server = self.server.load();
        let is_down = server.as_ref().is_some_and(|server| !server.breaker.takes_calls(now));
        AgentLoad { calls, is_down }
    }

    /// Counts one more call. `false` if the agent is at capacity.
    fn try_add_call(&self, capacity: Option<u32>) -> bool {
        let remote = self.remote.load(Ordering::Relaxed);
        let more = |local: u32| {
            let has_room = capacity.is_none_or(|most| local.saturating_add(remote) < most);
            has_room.then(|| local.saturating_add(1))
        };
        self.local.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok()
    }

    /// Counts one call less, if there is one.
    fn remove_call(&self) {
        let less = |local: u32| local.checked_sub(1);
        let _none = self.local.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
    }
}

impl LiveCall {
    /// Stops counting the call, and reports its outcome to the voice server's circuit breaker.
    fn end(&self, outcome: Outcome, now: Timestamp) {
        self.agent.remove_call();
        let Some(server) = &self.server else { return };
        let seconds = now.seconds() - self.since.seconds();
        match outcome {
            Outcome::Done => server.breaker.call_ended(seconds, EndedBy::Agent),
            Outcome::CallOver => server.breaker.call_ended(seconds, EndedBy::Caller),
            Outcome::Failed => server.breaker.call_failed(),
        }
    }
}

impl AgentLoadTracker {
    /// Tracks no agent yet.
    pub fn new(limits: AgentLoadLimits) -> Self {
        Self {
            limits,
            agents: Mutex::default(),
            servers: Mutex::default(),
            live: Mutex::default(),
            ended: EndedCalls::default(),
            uncounted: metrics::counter!("switchboard_calls_uncounted_total"),
        }
    }

    /// Tracks an agent of an organization whose calls go to `target` from now on. Its calls stay counted when the target
    /// changes.
    pub(super) fn track(
        &self,
        organization: &OrganizationId,
        id: &AgentId,
        target: Option<&VoiceTarget>,
        health_url: Option<&WebUrl>,
    ) -> Arc<TrackedAgent> {
        // Phones and redirects have no voice server to check.
        let target = target.filter(|target| {
            matches!(target, VoiceTarget::Stream(_) | VoiceTarget::ConversationRelay(_))
        });
        let server = target.map(|target| self.server(organization, target, health_url));
        let mut agents = locked(&self.agents);
        let new = || {
            Arc::new(TrackedAgent {
                id: id.clone(),
                local: AtomicU32::new(0),
                remote: AtomicU32::new(0),
                server: ArcSwapOption::empty(),
            })
        };
        let agent = Arc::clone(agents.entry(id.clone()).or_insert_with(new));
        drop(agents);
        agent.server.store(server);
        agent
    }

    fn server(
        &self,
        organization: &OrganizationId,
        target: &VoiceTarget,
        health_url: Option<&WebUrl>,
    ) -> Arc<Server> {
        let address = format!("{} {}", target.value(), health_url.map_or("", WebUrl::as_str));
        let key = (organization.clone(), address);
        let new = || {
            Arc::new(Server {
                breaker: CircuitBreaker::new(),
                target: target.clone(),
                health_url: health_url.cloned(),
            })
        };
        Arc::clone(locked(&self.servers).entry(key).or_insert_with(new))
    }

    /// Counts a call as the agent's. `false` if the agent is at capacity or its voice server takes no calls; concurrent
    /// calls never exceed the capacity. A request of a call or an attempt that has ended was sent again: it is answered
    /// as before, and counts nothing.
    pub(crate) fn try_begin(
        &self,
        call: CallKey,
        agent: &Arc<TrackedAgent>,
        capacity: Option<u32>,
        now: Timestamp,
    ) -> bool {
        if self.ended.has_attempt(call, &agent.id) {
            return true;
        }
        let mut live = locked(&self.live);
        let has_room = live.len() < self.limits.calls;
        match live.entry(call) {
            // Twilio retries.
            Entry::Occupied(known) if known.get().agent.id == agent.id => true,
            Entry::Vacant(_) if !has_room => {
                self.uncounted.increment(1);
                drop(live);
                agent.server.load().as_ref().is_none_or(|server| server.breaker.try_call(now))
            }
            _ if !agent.try_add_call(capacity) => false,
            entry => {
                let server = agent.server.load_full();
                if server.as_ref().is_some_and(|server| !server.breaker.try_call(now)) {
                    agent.remove_call();
                    return false;
                }
                let begun = LiveCall { agent: Arc::clone(agent), server, since: now };
                if let Entry::Occupied(mut known) = entry {
                    known.insert(begun).agent.remove_call();
                } else {
                    entry.insert_entry(begun);
                }
                true
            }
        }
    }

    /// The agent that has a call.
    pub(crate) fn holder(&self, call: CallKey) -> Option<AgentId> {
        locked(&self.live).get(&call).map(|call| call.agent.id.clone())
    }

    /// Whether a call has ended, as far as this process remembers.
    pub(crate) fn has_ended(&self, call: CallKey) -> bool {
        self.ended.has_call(call)
    }

    /// Ends a call.
    pub(crate) fn end_call(&self, call: CallKey, now: Timestamp) {
        self.ended.add_call(call);
        let ended = locked(&self.live).remove(&call);
        if let Some(ended) = ended {
            ended.end(Outcome::CallOver, now);
        }
    }

    /// Ends an agent's attempt. `false` if another agent has the call by now: this end was reported before.
    pub(crate) fn end_attempt(
        &self,
        call: CallKey,
        agent: &AgentId,
        outcome: Outcome,
        now: Timestamp,
    ) -> bool {
        let mut live = locked(&self.live);
        let Some(known) = live.get(&call) else { return true };
        if known.agent.id != *agent {
            return false;
        }
        let ended = live.remove(&call);
        drop(live);
        self.ended.add_attempt(call, agent);
        if let Some(ended) = ended {
            ended.end(outcome, now);
        }
        true
    }

    /// When the oldest call that may still be live began.
    pub(super) fn oldest(&self, now: Timestamp) -> Timestamp {
        now.plus_seconds(-self.limits.longest_call)
    }

    /// Updates the counts from the calls that all processes recorded as live. With `None`, for a store that does not
    /// answer, only calls past the longest duration are dropped.
    pub(super) fn refresh(&self, recorded: Option<&[(CallKey, AgentId)]>, now: Timestamp) {
        let known: Option<HashSet<CallKey>> =
            recorded.map(|recorded| recorded.iter().map(|(call, _)| *call).collect());
        let mut live = locked(&self.live);
        live.retain(|call, begun| {
            let age = now.seconds() - begun.since.seconds();
            let is_over = age >= self.limits.longest_call
                || (age >= self.limits.grace
                    && known.as_ref().is_some_and(|known| !known.contains(call)));
            if is_over {
                begun.agent.remove_call();
            }
            !is_over
        });
        let Some(recorded) = recorded else { return };
        let mut remote: HashMap<&AgentId, u32> = HashMap::new();
        for (_, agent) in recorded.iter().filter(|(call, _)| !live.contains_key(call)) {
            *remote.entry(agent).or_default() += 1;
        }
        drop(live);
        let mut agents = locked(&self.agents);
        // An agent that no plan names any longer is no longer tracked.
        agents.retain(|_, agent| Arc::strong_count(agent) > 1);
        for (id, agent) in agents.iter() {
            let calls = remote.get(id).copied().unwrap_or_default();
            agent.remote.store(calls, Ordering::Relaxed);
        }
        drop(agents);
        locked(&self.servers).retain(|_, server| Arc::strong_count(server) > 1);
    }

    /// Whether nothing is tracked.
    pub(super) fn is_idle(&self) -> bool {
        locked(&self.agents).is_empty() && locked(&self.live).is_empty()
    }

    /// The voice servers of all tracked agents.
    pub(super) fn servers(&self) -> Vec<Arc<Server>> {
        locked(&self.servers).values().cloned().collect()
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
