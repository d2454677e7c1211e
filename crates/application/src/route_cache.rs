//! Known numbers, in memory: an answer for one of them reads nothing from the database.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use quick_cache::sync::Cache;
use switchboard_domain::agent::VoiceTarget;
use switchboard_domain::identifier::AgentId;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::ports::{Clock, RouteStore, StoreError};
use switchboard_domain::routing::{Assigned, Route};
use switchboard_domain::time::Timestamp;

use crate::compiled::{CompiledAgent, VoiceAddresses};
use crate::deadline::{Deadlines, within};

/// How much the cache holds.
#[derive(Clone, Copy, Debug)]
pub struct RouteCacheLimits {
    /// Known numbers.
    pub numbers: usize,
    /// Agents whose answers are ready.
    pub agents: usize,
    /// Numbers that are known to be none of ours.
    pub unknown_numbers: usize,
    /// How long a number stays known to be none of ours, in seconds.
    pub unknown_seconds: i64,
}

impl Default for RouteCacheLimits {
    fn default() -> Self {
        Self { numbers: 200_000, agents: 20_000, unknown_numbers: 10_000, unknown_seconds: 5 }
    }
}

/// A number that is known, with its agent's answer made ready.
pub(crate) struct KnownRoute {
    pub(crate) route: Route,
    pub(crate) agent: Option<Arc<CompiledAgent>>,
    /// The epoch of the cache before the route was read.
    epoch: u64,
    stale: AtomicBool,
}

/// Bounded copies of routes. A change makes them stale; a stale one is read again at the next request,
/// and answers as it was while the store is away.
pub struct RouteCache {
    store: Arc<dyn RouteStore>,
    clock: Arc<dyn Clock>,
    deadlines: Deadlines,
    limits: RouteCacheLimits,
    voice_server: Option<VoiceTarget>,
    addresses: VoiceAddresses,
    known: Cache<PhoneNumber, Arc<KnownRoute>>,
    agents: Cache<AgentId, Arc<CompiledAgent>>,
    unknown: Cache<PhoneNumber, Timestamp>,
    /// Grows with every change that is heard of.
    epoch: AtomicU64,
    /// Routes read before this epoch are stale.
    oldest_fresh: AtomicU64,
    metrics: Metrics,
}

struct Metrics {
    hits: metrics::Counter,
    misses: metrics::Counter,
    unknown: metrics::Counter,
    outdated: metrics::Counter,
}

enum Missing {
    Unknown,
    Failed(StoreError),
}

impl RouteCache {
    /// An empty cache before `store`. `voice_server` and `addresses` are what answers are made ready with.
    pub fn new(
        store: Arc<dyn RouteStore>,
        clock: Arc<dyn Clock>,
        deadlines: Deadlines,
        limits: RouteCacheLimits,
        voice_server: Option<VoiceTarget>,
        addresses: VoiceAddresses,
    ) -> Self {
        let lookups = |result: &'static str| metrics::counter!("switchboard_route_lookups_total", "result" => result);
        Self {
            store,
            clock,
            deadlines,
            limits,
            voice_server,
            addresses,
            known: Cache::new(limits.numbers),
            agents: Cache::new(limits.agents),
            unknown: Cache::new(limits.unknown_numbers),
            epoch: AtomicU64::new(0),
            oldest_fresh: AtomicU64::new(0),
            metrics: Metrics {
                hits: lookups("hit"),
                misses: lookups("miss"),
                unknown: lookups("unknown"),
                outdated: lookups("outdated"),
            },
        }
    }

    /// The voice server of the installation, for agents without their own.
    pub(crate) const fn voice_server(&self) -> Option<&VoiceTarget> {
        self.voice_server.as_ref()
    }

    /// How many numbers are known.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether no number is known.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// The route of a number, or none if it is none of ours. Many who ask for one missing number at once
    /// cause one read.
    pub(crate) async fn find(
        &self,
        number: PhoneNumber,
    ) -> Result<Option<Arc<KnownRoute>>, StoreError> {
        if let Some(known) = self.known.get(&number) {
            if !self.is_stale(&known) {
                self.metrics.hits.increment(1);
                return Ok(Some(known));
            }
            return self.read_again(number, known).await;
        }
        if self.is_known_unknown(number) {
            self.metrics.unknown.increment(1);
            return Ok(None);
        }
        self.metrics.misses.increment(1);
        match self.known.get_or_insert_async(&number, self.load(number)).await {
            Ok(known) => Ok(Some(known)),
            Err(Missing::Unknown) => Ok(None),
            Err(Missing::Failed(error)) => Err(error),
        }
    }

    /// A number changed: what is known of it is old.
    pub fn number_changed(&self, number: PhoneNumber) {
        self.epoch.fetch_add(1, Ordering::AcqRel);
        self.unknown.remove(&number);
        if let Some(known) = self.known.peek(&number) {
            known.stale.store(true, Ordering::Release);
        }
    }

    /// An agent changed: what is known of every number that it answers is old.
    pub fn agent_changed(&self, agent: &AgentId) {
        self.epoch.fetch_add(1, Ordering::AcqRel);
        if let Some((_id, compiled)) = self.agents.remove(agent) {
            compiled.mark_stale();
        }
    }

    /// Everything may have changed.
    pub fn everything_changed(&self) {
        let epoch = self.epoch.fetch_add(1, Ordering::AcqRel) + 1;
        self.oldest_fresh.store(epoch, Ordering::Release);
        self.unknown.clear();
    }

    fn is_stale(&self, known: &KnownRoute) -> bool {
        known.stale.load(Ordering::Acquire)
            || known.epoch < self.oldest_fresh.load(Ordering::Acquire)
            || known.agent.as_ref().is_some_and(|agent| agent.is_stale())
    }

    fn is_known_unknown(&self, number: PhoneNumber) -> bool {
        self.unknown.get(&number).is_some_and(|until| self.clock.now() < until)
    }

    async fn read_again(
        &self,
        number: PhoneNumber,
        known: Arc<KnownRoute>,
    ) -> Result<Option<Arc<KnownRoute>>, StoreError> {
        match self.load(number).await {
            Ok(fresh) => {
                self.metrics.misses.increment(1);
                self.known.insert(number, Arc::clone(&fresh));
                Ok(Some(fresh))
            }
            Err(Missing::Unknown) => {
                self.known.remove(&number);
                Ok(None)
            }
            // An answer as of yesterday is better than none: the account of the route is still compared
            // with the one that signed.
            Err(Missing::Failed(_)) => {
                self.metrics.outdated.increment(1);
                Ok(Some(known))
            }
        }
    }

    async fn load(&self, number: PhoneNumber) -> Result<Arc<KnownRoute>, Missing> {
        let epoch = self.epoch.load(Ordering::Acquire);
        let route = within(self.deadlines.read, "route.find", self.store.route(number))
            .await
            .map_err(Missing::Failed)?;
        // What changed while the route was read may be missing from it.
        let stale = AtomicBool::new(self.epoch.load(Ordering::Acquire) != epoch);
        let Some(mut route) = route else {
            self.unknown.insert(number, self.clock.now().plus_seconds(self.limits.unknown_seconds));
            return Err(Missing::Unknown);
        };
        let agent = route.assigned.as_mut().and_then(|assigned| self.compiled(assigned));
        Ok(Arc::new(KnownRoute { route, agent, epoch, stale }))
    }

    /// The agent's ready answer, shared by all its numbers.
    fn compiled(&self, assigned: &mut Assigned) -> Option<Arc<CompiledAgent>> {
        if let Some(compiled) = self.agents.get(&assigned.agent)
            && compiled.profile == assigned.profile
            && !compiled.is_stale()
        {
            assigned.profile = Arc::clone(&compiled.profile);
            return Some(compiled);
        }
        match CompiledAgent::new(assigned, self.voice_server.as_ref(), &self.addresses) {
            Ok(compiled) => {
                let compiled = Arc::new(compiled);
                if let Some(before) = self.agents.peek(&assigned.agent) {
                    before.mark_stale();
                }
                self.agents.insert(assigned.agent.clone(), Arc::clone(&compiled));
                Some(compiled)
            }
            Err(error) => {
                tracing::error!(agent.id = %assigned.agent, error = &error as &dyn std::error::Error, "agent cannot answer calls");
                None
            }
        }
    }
}

#[cfg(test)]
mod tests;
