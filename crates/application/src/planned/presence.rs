//! Which calls agents have, and which of their voice servers take calls.
//!
//! Everything is memory: the calls that this process has decided, and how many the others have, as the store was
//! last asked. What is lost on the way heals: a call that the store does not know as live any more is dropped.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use switchboard_domain::agent::VoiceTarget;
use switchboard_domain::identifier::AgentId;
use switchboard_domain::plan::Presence;
use switchboard_domain::sid::CallSid;
use switchboard_domain::time::Timestamp;
use switchboard_domain::web_address::WebUrl;

use super::health::ServerHealth;

/// How much is remembered, and how long.
#[derive(Clone, Copy, Debug)]
pub struct PresenceLimits {
    /// Calls of this process that are counted at most; more are not.
    pub calls: usize,
    /// A call is over after so many seconds, whatever was heard of it.
    pub longest_call: i64,
    /// A call that the store does not know as live is over after so many seconds: its record was on its way before.
    pub grace: i64,
}

impl Default for PresenceLimits {
    /// 100,000 calls, four hours as Twilio's own limit of a `<Dial>`, fifteen seconds.
    fn default() -> Self {
        Self { calls: 100_000, longest_call: 4 * 3_600, grace: 15 }
    }
}

/// Who has which calls, and who takes some.
pub struct AgentPresence {
    limits: PresenceLimits,
    agents: Mutex<HashMap<AgentId, Arc<AgentLoad>>>,
    servers: Mutex<HashMap<String, Arc<Server>>>,
    live: Mutex<HashMap<CallSid, LiveCall>>,
    uncounted: metrics::Counter,
}

/// An agent's calls and its voice server.
#[derive(Debug)]
pub(crate) struct AgentLoad {
    id: AgentId,
    here: AtomicU32,
    elsewhere: AtomicU32,
    server: Option<Arc<Server>>,
}

/// A voice server, and how it is looked at.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) health: ServerHealth,
    pub(super) target: VoiceTarget,
    pub(super) health_url: Option<WebUrl>,
}

struct LiveCall {
    load: Arc<AgentLoad>,
    since: Timestamp,
}

impl AgentLoad {
    /// What is known of the agent.
    pub(super) fn presence(&self, now: Timestamp) -> Presence {
        let calls = self.here.load(Ordering::Relaxed) + self.elsewhere.load(Ordering::Relaxed);
        let is_down = self.server.as_ref().is_some_and(|server| !server.health.takes_calls(now));
        Presence { calls, is_down }
    }

    fn is_of(&self, target: Option<&VoiceTarget>, health_url: Option<&WebUrl>) -> bool {
        match (&self.server, target) {
            (None, None) => true,
            (Some(server), Some(target)) => {
                server.target == *target && server.health_url.as_ref() == health_url
            }
            _ => false,
        }
    }
}

impl AgentPresence {
    /// Knows of nobody yet.
    pub fn new(limits: PresenceLimits) -> Self {
        Self {
            limits,
            agents: Mutex::default(),
            servers: Mutex::default(),
            live: Mutex::default(),
            uncounted: metrics::counter!("switchboard_calls_uncounted_total"),
        }
    }

    /// The load of an agent whose calls go to `target`.
    pub(super) fn of(
        &self,
        id: &AgentId,
        target: Option<&VoiceTarget>,
        health_url: Option<&WebUrl>,
    ) -> Arc<AgentLoad> {
        // Phones and other people's TwiML are not looked at.
        let target = target.filter(|target| {
            matches!(target, VoiceTarget::Stream(_) | VoiceTarget::ConversationRelay(_))
        });
        let mut agents = locked(&self.agents);
        if let Some(known) = agents.get(id)
            && known.is_of(target, health_url)
        {
            return Arc::clone(known);
        }
        let server = target.map(|target| self.server(target, health_url));
        // The calls stay whose they are when the agent's server changes.
        let before = agents.get(id);
        let count = |count: fn(&AgentLoad) -> &AtomicU32| {
            AtomicU32::new(before.map_or(0, |load| count(load).load(Ordering::Relaxed)))
        };
        let load = Arc::new(AgentLoad {
            id: id.clone(),
            here: count(|load| &load.here),
            elsewhere: count(|load| &load.elsewhere),
            server,
        });
        agents.insert(id.clone(), Arc::clone(&load));
        drop(agents);
        for call in locked(&self.live).values_mut().filter(|call| call.load.id == *id) {
            call.load = Arc::clone(&load);
        }
        load
    }

    fn server(&self, target: &VoiceTarget, health_url: Option<&WebUrl>) -> Arc<Server> {
        let key = format!("{} {}", target.value(), health_url.map_or("", WebUrl::as_str));
        let new = || {
            Arc::new(Server {
                health: ServerHealth::new(),
                target: target.clone(),
                health_url: health_url.cloned(),
            })
        };
        Arc::clone(locked(&self.servers).entry(key).or_insert_with(new))
    }

    /// A call goes to an agent.
    pub(crate) fn begins(&self, call: CallSid, load: &Arc<AgentLoad>, now: Timestamp) {
        if let Some(server) = &load.server {
            server.health.begins(now);
        }
        let mut live = locked(&self.live);
        if live.len() >= self.limits.calls && !live.contains_key(&call) {
            self.uncounted.increment(1);
            return;
        }
        load.here.fetch_add(1, Ordering::Relaxed);
        let begun = LiveCall { load: Arc::clone(load), since: now };
        if let Some(before) = live.insert(call, begun) {
            less(&before.load.here);
        }
    }

    /// The agent of a call is done with it.
    pub(crate) fn ends(&self, call: CallSid, now: Timestamp) {
        if let Some(ended) = self.forget(call)
            && let Some(server) = &ended.load.server
        {
            server.health.ended(now.seconds() - ended.since.seconds());
        }
    }

    /// The agent of a call could not be reached, or was lost.
    pub(crate) fn fails(&self, call: CallSid) {
        if let Some(ended) = self.forget(call)
            && let Some(server) = &ended.load.server
        {
            server.health.failed();
        }
    }

    fn forget(&self, call: CallSid) -> Option<LiveCall> {
        let ended = locked(&self.live).remove(&call)?;
        less(&ended.load.here);
        Some(ended)
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
                less(&begun.load.here);
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

/// One less, unless there is none.
fn less(count: &AtomicU32) {
    let _none =
        count.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |count| count.checked_sub(1));
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use switchboard_domain::agent::VoiceTarget;
    use switchboard_domain::identifier::AgentId;
    use switchboard_domain::sid::CallSid;
    use switchboard_domain::time::Timestamp;
    use switchboard_domain::web_address::StreamUrl;

    use super::{AgentLoad, AgentPresence, PresenceLimits};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_seconds(second)
    }

    fn call(index: u32) -> CallSid {
        CallSid::parse(&format!("CA{index:032x}")).unwrap()
    }

    fn agent() -> AgentId {
        AgentId::new(at(0), [1; 10])
    }

    fn calls(load: &AgentLoad) -> u32 {
        load.presence(at(0)).calls
    }

    fn stream(host: &str) -> VoiceTarget {
        VoiceTarget::Stream(StreamUrl::parse(&format!("wss://{host}/stream")).unwrap())
    }

    fn presence() -> (AgentPresence, Arc<AgentLoad>) {
        let presence = AgentPresence::new(PresenceLimits::default());
        let load = presence.of(&agent(), Some(&stream("a.example")), None);
        (presence, load)
    }

    #[test]
    fn a_call_counts_from_its_beginning_to_its_end_and_once_however_often_twilio_asks() {
        let (presence, load) = presence();
        presence.begins(call(1), &load, at(0));
        presence.begins(call(1), &load, at(0));
        presence.begins(call(2), &load, at(0));
        assert_eq!(calls(&load), 2);
        presence.ends(call(1), at(60));
        presence.ends(call(1), at(60));
        assert_eq!(calls(&load), 1);
        presence.fails(call(2));
        assert_eq!(calls(&load), 0);
        assert!(load.presence(at(60)).is_down);
    }

    #[test]
    fn a_call_whose_end_was_lost_here_is_dropped_once_the_store_knows_of_its_end() {
        let (presence, load) = presence();
        for index in 1..=3 {
            presence.begins(call(index), &load, at(0));
        }
        // Its record may still be on its way.
        presence.refresh(Some(&[]), at(14));
        assert_eq!(calls(&load), 3);
        presence.refresh(Some(&[(call(1), agent()), (call(9), agent())]), at(15));
        // One of ours, and one of another process.
        assert_eq!(calls(&load), 2);
        presence.refresh(Some(&[]), at(16));
        assert_eq!(calls(&load), 0);
    }

    #[test]
    fn without_the_store_only_what_is_far_too_old_is_dropped() {
        let (presence, load) = presence();
        presence.begins(call(1), &load, at(0));
        presence.refresh(None, at(4 * 3_600 - 1));
        assert_eq!(calls(&load), 1);
        presence.refresh(None, at(4 * 3_600));
        assert_eq!(calls(&load), 0);
    }

    #[test]
    fn calls_stay_an_agents_when_its_voice_server_changes() {
        let (presence, load) = presence();
        presence.begins(call(1), &load, at(0));
        let moved = presence.of(&agent(), Some(&stream("b.example")), None);
        assert_eq!((calls(&moved), presence.servers().len()), (1, 2));
        presence.ends(call(1), at(5));
        assert_eq!(calls(&moved), 0);
        drop(load);
        presence.refresh(Some(&[]), at(6));
        assert_eq!(presence.servers().len(), 1);
    }
}
