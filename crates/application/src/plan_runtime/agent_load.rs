//! The load of agents: how many calls each has, and whether its voice server takes calls.
//!
//! All data is in memory: the calls of this process, and the calls of other processes as of the
//! last read of the store. If the end of a call is not reported, the count corrects itself: a call
//! that the store no longer lists as live is dropped.

mod live_calls;
mod voice_servers;

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwapOption;
use switchboard_domain::agent::VoiceTarget;
use switchboard_domain::call::{CallKey, is_old};
use switchboard_domain::identifier::{AgentId, OrganizationId};
use switchboard_domain::plan::AgentLoad;
use switchboard_domain::sid::AccountSid;
use switchboard_domain::time::Timestamp;
use switchboard_domain::web_address::WebUrl;

use self::live_calls::{LiveCall, LiveCalls};
pub(super) use self::voice_servers::Server;
use self::voice_servers::VoiceServers;
use super::call_ages::CallAges;
use super::circuit_breaker::Mode;
use super::ended_calls::EndedCalls;
use super::handler_health::HandlerHealth;
use super::load_plan::HealthUrl;

/// The percentage of an organization's voice servers that must be down before the health of all
/// of them is ignored.
const PANIC_PERCENT: usize = 90;
/// The minimum number of voice servers for this rule, because one or two can fail at the same time.
const FEWEST_IN_PANIC: usize = 3;

/// Limits of the tracked calls.
#[derive(Clone, Copy, Debug)]
pub struct AgentLoadLimits {
    /// The maximum number of calls of this process that are counted. One organization gets at most
    /// half. Further calls are answered, but not counted.
    pub calls: usize,
    /// Seconds after which a call counts as over, even if its end was not reported.
    pub longest_call: i64,
    /// Seconds after which a call that the store does not list as live counts as over. Until then,
    /// its record may still be queued.
    pub grace: i64,
}

impl Default for AgentLoadLimits {
    /// 100,000 calls, four hours (Twilio's own limit of a `<Dial>`), and fifteen seconds.
    fn default() -> Self {
        Self { calls: 100_000, longest_call: 4 * 3_600, grace: 15 }
    }
}

/// Tracks which agent has which call, and the health of the voice servers.
pub struct AgentLoadTracker {
    limits: AgentLoadLimits,
    agents: Mutex<HashMap<AgentId, Arc<TrackedAgent>>>,
    servers: VoiceServers,
    live: Mutex<LiveCalls>,
    /// The number of calls of each agent in other processes, as of the last read. An agent is
    /// tracked from its first use on.
    remote: Mutex<HashMap<AgentId, u32>>,
    ended: EndedCalls,
    ages: CallAges,
    uncounted: metrics::Counter,
}

/// An agent's number of calls and its voice server.
#[derive(Debug)]
pub(crate) struct TrackedAgent {
    id: AgentId,
    organization: OrganizationId,
    local: AtomicU32,
    remote: AtomicU32,
    server: ArcSwapOption<Server>,
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The agent ended its part of the call.
    Done,
    /// The call has ended, probably because the caller hung up.
    CallOver,
    /// The agent could not be reached, or the connection failed.
    Failed,
}

/// What is known about an attempt when its end is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AttemptState {
    /// The agent has had the call since this time.
    Live(Timestamp),
    /// The end was reported before: the call has ended, or another agent has it.
    Over,
    /// This process did not start the attempt, or was restarted since then.
    Unknown,
}

impl TrackedAgent {
    /// The load at an instant, for calls of an account.
    pub(super) fn agent_load(&self, account: AccountSid, now: Timestamp) -> AgentLoad {
        let calls = self.local.load(Ordering::Relaxed) + self.remote.load(Ordering::Relaxed);
        let server = self.server.load();
        let is_down =
            server.as_ref().is_some_and(|server| !server.breaker.takes_calls(account, now));
        AgentLoad { calls, is_down }
    }

    /// Whether the voice server accepts every call.
    pub(super) fn is_up(&self) -> bool {
        self.server.load().as_ref().is_none_or(|server| server.breaker.is_closed())
    }

    /// Counts one more call. Returns `false` if the agent is at capacity.
    fn try_add_call(&self, capacity: Option<u32>) -> bool {
        let remote = self.remote.load(Ordering::Relaxed);
        let more = |local: u32| {
            let has_room = capacity.is_none_or(|most| local.saturating_add(remote) < most);
            has_room.then(|| local.saturating_add(1))
        };
        self.local.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok()
    }

    /// Counts one call less, unless the count is zero.
    fn remove_call(&self) {
        let less = |local: u32| local.checked_sub(1);
        let _none = self.local.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
    }
}

impl AgentLoadTracker {
    /// Creates a tracker without agents.
    pub fn new(limits: AgentLoadLimits) -> Self {
        Self {
            limits,
            agents: Mutex::default(),
            servers: VoiceServers::default(),
            live: Mutex::new(LiveCalls::new(limits.calls)),
            remote: Mutex::default(),
            ended: EndedCalls::default(),
            ages: CallAges::default(),
            uncounted: metrics::counter!("switchboard_calls_uncounted_total"),
        }
    }

    /// Tracks an agent of an organization with this target. If the target changes, the agent's
    /// calls stay counted.
    pub(super) fn track(
        &self,
        organization: &OrganizationId,
        id: &AgentId,
        target: Option<&VoiceTarget>,
        health_url: Option<&WebUrl>,
    ) -> Arc<TrackedAgent> {
        let target = target.filter(|target| target.has_server());
        let server = target.map(|target| self.servers.of(organization, target, health_url));
        let mut agents = locked(&self.agents);
        let remote = locked(&self.remote).get(id).copied().unwrap_or_default();
        let new = || {
            Arc::new(TrackedAgent {
                id: id.clone(),
                organization: organization.clone(),
                local: AtomicU32::new(0),
                remote: AtomicU32::new(remote),
                server: ArcSwapOption::empty(),
            })
        };
        let agent = Arc::clone(agents.entry(id.clone()).or_insert_with(new));
        drop(agents);
        agent.server.store(server);
        agent
    }

    /// The health of a handler that answers calls without a plan; `None` if the target is none. While the URL of its health
    /// check cannot be read, it has the circuit breaker that it had before.
    pub(crate) fn handler_health(
        &self,
        organization: &OrganizationId,
        target: &VoiceTarget,
        health_url: &HealthUrl,
    ) -> Option<HandlerHealth> {
        target.handler()?;
        let server = match health_url {
            HealthUrl::Read(url) => self.servers.of(organization, target, url.as_ref()),
            HealthUrl::Unreadable => self.servers.known(organization, target),
        };
        Some(HandlerHealth::new(server))
    }

    /// Counts a call for the agent. Returns `false` if the agent is at capacity or its voice server
    /// accepts no calls. Concurrent calls never exceed the capacity. A request for a call or
    /// attempt that has ended is a repetition: it gets the same answer and is not counted. A
    /// simulated call is decided like any other, but not counted.
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
        if call.1.is_simulated() {
            let load = agent.agent_load(call.0, now);
            return !load.is_down && capacity.is_none_or(|most| load.calls < most);
        }
        let account = call.0;
        let mut live = locked(&self.live);
        let known = live.get(call);
        if known.is_some_and(|known| known.agent.id == agent.id) {
            // Twilio retries.
            return true;
        }
        if known.is_none() && !live.has_room(&agent.organization) {
            self.uncounted.increment(1);
            drop(live);
            let server = agent.server.load();
            return server.as_ref().is_none_or(|server| server.breaker.try_call(account, now));
        }
        if !agent.try_add_call(capacity) {
            return false;
        }
        let server = agent.server.load_full();
        if server.as_ref().is_some_and(|server| !server.breaker.try_call(account, now)) {
            agent.remove_call();
            return false;
        }
        let begun = LiveCall { agent: Arc::clone(agent), server, account, since: now };
        if let Some(before) = live.insert(call, begun) {
            before.agent.remove_call();
        }
        true
    }

    /// Whether no plan has been used since the last refresh and no call is counted.
    pub(super) fn is_idle(&self) -> bool {
        locked(&self.agents).is_empty() && locked(&self.live).is_empty()
    }

    /// Returns the agent that has a call.
    pub(crate) fn holder(&self, call: CallKey) -> Option<AgentId> {
        locked(&self.live).get(call).map(|call| call.agent.id.clone())
    }

    /// Whether a call has ended, as far as this process remembers.
    pub(crate) fn has_ended(&self, call: CallKey) -> bool {
        self.ended.has_call(call)
    }

    /// Whether the request for the first TwiML of a call is stale, as far as this process
    /// remembers: the call has ended, or it was first decided longer ago than Twilio retries.
    /// Otherwise, records that it is decided now.
    pub(crate) fn is_stale(&self, call: CallKey, now: Timestamp) -> bool {
        self.ended.has_call(call) || self.ages.is_old(call, now)
    }

    /// Whether an agent has a call, as far as this process knows.
    pub(crate) fn is_live(&self, call: CallKey) -> bool {
        locked(&self.live).get(call).is_some()
    }

    /// Whether an agent's part of a call has ended, or began longer ago than Twilio retries.
    pub(crate) fn is_stale_attempt(&self, call: CallKey, agent: &AgentId, now: Timestamp) -> bool {
        match self.attempt(call, agent) {
            AttemptState::Live(since) => is_old(since, now),
            AttemptState::Over => self.ended.has_attempt(call, agent),
            AttemptState::Unknown => false,
        }
    }

    /// What is known about an agent's attempt.
    pub(crate) fn attempt(&self, call: CallKey, agent: &AgentId) -> AttemptState {
        if self.ended.has_attempt(call, agent) {
            return AttemptState::Over;
        }
        match locked(&self.live).get(call) {
            Some(known) if known.agent.id == *agent => AttemptState::Live(known.since),
            Some(_) => AttemptState::Over,
            None => AttemptState::Unknown,
        }
    }

    /// Ends a call.
    pub(crate) fn end_call(&self, call: CallKey, now: Timestamp) {
        self.ended.add_call(call);
        let ended = locked(&self.live).remove(call);
        if let Some(ended) = ended {
            ended.agent.remove_call();
            ended.report(Outcome::CallOver, now);
        }
    }

    /// Ends an agent's attempt. The outcome is reported to its voice server; `None`, for a stale
    /// report, reports nothing.
    pub(crate) fn end_attempt(
        &self,
        call: CallKey,
        agent: &AgentId,
        outcome: Option<Outcome>,
        now: Timestamp,
    ) {
        self.ended.add_attempt(call, agent);
        let mut live = locked(&self.live);
        if live.get(call).is_none_or(|known| known.agent.id != *agent) {
            return;
        }
        let ended = live.remove(call);
        drop(live);
        if let Some(ended) = ended {
            ended.agent.remove_call();
            if let Some(outcome) = outcome {
                ended.report(outcome, now);
            }
        }
    }

    /// When the oldest call that may still be live began.
    pub(super) fn oldest(&self, now: Timestamp) -> Timestamp {
        now.plus_seconds(-self.limits.longest_call)
    }

    /// Updates the counts from the live calls that all processes have recorded. With `None`,
    /// because the store does not answer, only calls older than the maximum duration are dropped.
    pub(super) fn refresh(&self, recorded: Option<&[(CallKey, AgentId)]>, now: Timestamp) {
        self.update(recorded, &HashSet::new(), now);
    }

    /// The same with a part of the calls of some organizations, which does not say which of their calls are over.
    pub(super) fn refresh_shares(
        &self,
        recorded: &[(CallKey, AgentId)],
        truncated: &HashSet<OrganizationId>,
        now: Timestamp,
    ) {
        self.update(Some(recorded), truncated, now);
    }

    fn update(
        &self,
        recorded: Option<&[(CallKey, AgentId)]>,
        truncated: &HashSet<OrganizationId>,
        now: Timestamp,
    ) {
        let known: Option<HashSet<CallKey>> =
            recorded.map(|recorded| recorded.iter().map(|(call, _)| *call).collect());
        let mut live = locked(&self.live);
        live.retain(|call, begun| {
            let age = now.seconds() - begun.since.seconds();
            let is_over = age >= self.limits.longest_call
                || (age >= self.limits.grace
                    && !truncated.contains(&begun.agent.organization)
                    && known.as_ref().is_some_and(|known| !known.contains(call)));
            if is_over {
                begun.agent.remove_call();
                // Its request may be repeated.
                self.ended.add_attempt(*call, &begun.agent.id);
            }
            !is_over
        });
        let Some(recorded) = recorded else { return };
        let mut remote: HashMap<AgentId, u32> = HashMap::new();
        for (_, agent) in recorded.iter().filter(|(call, _)| live.get(*call).is_none()) {
            *remote.entry(agent.clone()).or_default() += 1;
        }
        drop(live);
        let mut agents = locked(&self.agents);
        // An agent that no plan names any more is no longer tracked.
        agents.retain(|_, agent| Arc::strong_count(agent) > 1);
        for (id, agent) in agents.iter() {
            let calls = remote.get(id).copied().unwrap_or_default();
            agent.remote.store(calls, Ordering::Relaxed);
        }
        *locked(&self.remote) = remote;
        drop(agents);
        self.servers.forget_unused();
    }

    /// Ignores the health of an organization's voice servers if nearly all of them are down,
    /// because then the checks or the network of this process are probably at fault.
    pub(super) fn weigh_health(&self) {
        let servers = self.servers();
        let mut down: HashMap<&OrganizationId, (usize, usize)> = HashMap::new();
        for server in &servers {
            let (down, all) = down.entry(&server.organization).or_default();
            *down += usize::from(server.breaker.looks_down());
            *all += 1;
        }
        for server in &servers {
            let (down, all) = down.get(&server.organization).copied().unwrap_or_default();
            server.breaker.set_mode(mode(down, all));
        }
    }

    /// Returns the voice servers of all tracked agents.
    pub(super) fn servers(&self) -> Vec<Arc<Server>> {
        self.servers.all()
    }
}

/// Whether nearly all of several servers are down.
const fn mode(down: usize, all: usize) -> Mode {
    if all >= FEWEST_IN_PANIC && down * 100 >= all * PANIC_PERCENT {
        Mode::Panic
    } else {
        Mode::Normal
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
