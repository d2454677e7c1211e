//! The route cache keeps known numbers in memory, so that calls of known numbers do not read the
//! database.

mod invalidation;
mod known_route;
mod prepared;
mod route_key;

use std::sync::Arc;

use quick_cache::sync::Cache;
use switchboard_domain::agent::VoiceTarget;
use switchboard_domain::identifier::AgentId;
use switchboard_domain::ports::{Clock, Retry, RouteStore, StoreError};
use switchboard_domain::routing::PreparedRoute;
use switchboard_domain::sender::Sender;
use switchboard_domain::sid::AccountSid;
use switchboard_domain::time::Timestamp;

use self::invalidation::{Generation, Invalidation};
use self::known_route::{Answer, ReadAt};
pub(crate) use self::known_route::{KnownRoute, OwnAgent};
use self::prepared::{ALL_PLANS, PreparedAnswers};
use self::route_key::{RouteKey, RouteKeys};
use crate::deadline::{Deadlines, within};
use crate::plan_runtime::{AgentLoadTracker, PlanSources};
use crate::prepared_answer::{FirstCall, VoiceAddresses};
use crate::recorder::RecentDecisions;

/// How many routes are cached, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct RouteCacheLimits {
    /// The maximum number of known numbers.
    pub numbers: usize,
    /// The maximum number of agents with prepared answers.
    pub agents: usize,
    /// The maximum number of compiled routing plans.
    pub plans: usize,
    /// The maximum number of unknown numbers that are remembered.
    pub unknown_numbers: usize,
    /// Seconds for which a number is remembered as unknown.
    pub unknown_seconds: i64,
}

impl Default for RouteCacheLimits {
    fn default() -> Self {
        Self {
            numbers: 200_000,
            agents: 20_000,
            plans: 10_000,
            unknown_numbers: 10_000,
            unknown_seconds: 5,
        }
    }
}

/// A number that is remembered as unknown.
#[derive(Clone, Copy)]
struct Absent {
    generation: Generation,
    until: Timestamp,
}

/// The dependencies of a route cache.
pub struct RouteCacheParts {
    /// Where routes are read from.
    pub store: Arc<dyn RouteStore>,
    /// Where plans are read from.
    pub plans: PlanSources,
    /// The load of the plans' agents.
    pub agent_load: Arc<AgentLoadTracker>,
    /// The clock that determines the age of entries.
    pub clock: Arc<dyn Clock>,
    /// The timeouts of reads.
    pub deadlines: Deadlines,
    /// The maximum sizes of the cache.
    pub limits: RouteCacheLimits,
    /// The default voice server, for agents without a voice target.
    pub voice_server: Option<VoiceTarget>,
    /// Our own URLs, as responses contain them.
    pub addresses: VoiceAddresses,
}

/// Caches routes in limited memory. A change makes copies stale. A stale copy is read again at the
/// next request, and is used unchanged while the store is unavailable.
pub struct RouteCache {
    store: Arc<dyn RouteStore>,
    clock: Arc<dyn Clock>,
    deadlines: Deadlines,
    limits: RouteCacheLimits,
    answers: PreparedAnswers,
    keys: RouteKeys,
    known: Cache<RouteKey, Arc<KnownRoute>>,
    unknown: Cache<Sender, Absent>,
    /// When a route was last read again because it belongs to another account than the request.
    rechecked: Cache<Sender, Timestamp>,
    invalidation: Invalidation,
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
    /// An empty cache.
    pub fn new(parts: RouteCacheParts) -> Self {
        let RouteCacheParts {
            store,
            plans,
            agent_load,
            clock,
            deadlines,
            limits,
            voice_server,
            addresses,
        } = parts;
        let lookups = |result: &'static str| metrics::counter!("switchboard_route_lookups_total", "result" => result);
        Self {
            store,
            clock,
            deadlines,
            limits,
            answers: PreparedAnswers::new(voice_server, addresses, plans, agent_load, &limits),
            keys: RouteKeys::new(),
            known: Cache::new(limits.numbers),
            unknown: Cache::new(limits.unknown_numbers),
            rechecked: Cache::new(limits.unknown_numbers),
            invalidation: Invalidation::new(),
            metrics: Metrics {
                hits: lookups("hit"),
                misses: lookups("miss"),
                unknown: lookups("unknown"),
                outdated: lookups("outdated"),
            },
        }
    }

    /// Returns the load of the agents that the routes lead to.
    pub(crate) fn agent_load(&self) -> &AgentLoadTracker {
        &self.answers.agent_load
    }

    /// How many numbers are known.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether no number is known.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// The route of a number of `account`, if it is in memory and up to date.
    pub(crate) fn cached(&self, sender: Sender, account: AccountSid) -> Option<Arc<KnownRoute>> {
        let is_usable =
            |known: &Arc<KnownRoute>| known.route.account() == account && !self.is_stale(known);
        let known = self.known_route(sender).filter(is_usable)?;
        self.metrics.hits.increment(1);
        Some(known)
    }

    /// Returns the route of a number in a request of `account`. If the known route belongs to
    /// another account, the number may have moved recently, so the route is read again, at most
    /// once a second, before the request is refused.
    pub(crate) async fn look_up(
        &self,
        sender: Sender,
        account: AccountSid,
    ) -> Result<Option<Arc<KnownRoute>>, StoreError> {
        match self.find(sender).await? {
            Some(known) if known.route.account() != account && self.may_recheck(sender) => {
                self.read_again(sender, known).await
            }
            found => Ok(found),
        }
    }

    /// Returns the route of a number; `None` if the number is unknown. Concurrent lookups of the
    /// same number cause one read (single flight), and none of them waits for it longer than for
    /// its own read.
    async fn find(&self, sender: Sender) -> Result<Option<Arc<KnownRoute>>, StoreError> {
        if let Some(known) = self.known_route(sender) {
            if !self.is_stale(&known) {
                self.metrics.hits.increment(1);
                return Ok(Some(known));
            }
            return self.read_again(sender, known).await;
        }
        if self.is_known_unknown(sender) {
            self.metrics.unknown.increment(1);
            return Ok(None);
        }
        self.metrics.misses.increment(1);
        let begun = self.invalidation.now();
        let key = self.keys.key(sender);
        let load = async {
            // A concurrent read may have found that the number is unknown.
            if self.is_known_unknown(sender) {
                Err(Missing::Unknown)
            } else {
                self.load(sender).await
            }
        };
        let loaded = self.known.get_or_insert_async(&key, load);
        let loaded = tokio::time::timeout(self.deadlines.read, loaded).await;
        match loaded
            .unwrap_or_else(|_elapsed| Err(Missing::Failed(StoreError::timed_out("route.find"))))
        {
            // Another sender has the same key.
            Ok(known) if known.asked != sender => match self.load(sender).await {
                Ok(known) => Ok(Some(known)),
                Err(Missing::Unknown) => Ok(None),
                Err(Missing::Failed(error)) => Err(error),
            },
            // The shared read may have begun before a change that was known when this lookup began.
            Ok(known) if known.read.generation < begun && self.is_stale(&known) => {
                self.read_again(sender, known).await
            }
            Ok(known) => Ok(Some(known)),
            Err(Missing::Unknown) => Ok(None),
            Err(Missing::Failed(error)) => Err(error),
        }
    }

    fn may_recheck(&self, sender: Sender) -> bool {
        let now = self.clock.now();
        let is_due = self.rechecked.get(&sender).is_none_or(|last| now >= last.plus_seconds(1));
        if is_due {
            self.rechecked.insert(sender, now);
        }
        is_due
    }

    /// Invalidates a changed number or sender, and the senders whose fallback it is.
    pub fn number_changed(&self, sender: Sender) {
        self.invalidation.changed(&line_of(sender));
        self.unknown.remove(&sender);
    }

    /// Invalidates the numbers of a changed agent, and all plans.
    pub fn agent_changed(&self, agent: &AgentId) {
        self.invalidation.changed(agent);
        self.invalidation.changed(&ALL_PLANS);
        self.answers.agent_changed(agent);
    }

    /// Invalidates everything.
    pub fn everything_changed(&self) {
        self.invalidation.everything_changed();
        self.unknown.clear();
    }

    fn known_route(&self, sender: Sender) -> Option<Arc<KnownRoute>> {
        self.known.get(&self.keys.key(sender)).filter(|known| known.asked == sender)
    }

    fn is_stale(&self, known: &KnownRoute) -> bool {
        known.read.is_stale(&self.invalidation)
    }

    fn is_known_unknown(&self, sender: Sender) -> bool {
        self.unknown.get(&sender).is_some_and(|absent| {
            self.clock.now() < absent.until
                && !self
                    .invalidation
                    .is_older(absent.generation, self.invalidation.slot(&line_of(sender)))
        })
    }

    /// Reads a stale route again. If the store does not answer in time, the stale copy is used, and
    /// the next request reads again.
    async fn read_again(
        &self,
        sender: Sender,
        known: Arc<KnownRoute>,
    ) -> Result<Option<Arc<KnownRoute>>, StoreError> {
        let load = tokio::time::timeout(self.deadlines.reread, self.load(sender)).await;
        let too_late = |_elapsed| Err(Missing::Failed(StoreError::timed_out("route.find")));
        match load.unwrap_or_else(too_late) {
            Ok(fresh) => {
                self.metrics.misses.increment(1);
                self.known.insert(self.keys.key(sender), Arc::clone(&fresh));
                Ok(Some(fresh))
            }
            Err(Missing::Unknown) => {
                self.known.remove(&self.keys.key(sender));
                Ok(None)
            }
            // While the store is unavailable, a stale answer is better than none: the route's
            // account is still compared with the verified account. A corrupt row does not justify a
            // stale answer.
            Err(Missing::Failed(error)) if error.retry() == Retry::Later => {
                self.metrics.outdated.increment(1);
                Ok(Some(known))
            }
            Err(Missing::Failed(error)) => Err(error),
        }
    }

    async fn load(&self, sender: Sender) -> Result<Arc<KnownRoute>, Missing> {
        // A change from here on may be missing in the result of the read.
        let generation = self.invalidation.now();
        let route = within(self.deadlines.read, "route.find", self.store.route(sender))
            .await
            .map_err(Missing::Failed)?;
        let Some(mut route) = route else {
            let until = self.clock.now().plus_seconds(self.limits.unknown_seconds);
            self.unknown.insert(sender, Absent { generation, until });
            return Err(Missing::Unknown);
        };
        let agent = route.assigned.as_mut().and_then(|assigned| self.answers.agent(assigned));
        let slot = |agent: &AgentId| self.invalidation.slot(agent);
        let read = ReadAt {
            generation,
            number: self.invalidation.slot(&line_of(sender)),
            agent: route.assigned.as_ref().map(|assigned| slot(&assigned.agent)),
            plan: route.plan.is_some().then(|| self.invalidation.slot(&ALL_PLANS)),
        };
        let plan = match &route.plan {
            Some(id) => {
                let plan = self.answers.plan(id, &self.invalidation, &self.deadlines);
                plan.await.map_err(Missing::Failed)?
            }
            None => None,
        };
        let health = match &route.assigned {
            Some(own) => {
                self.answers.handler_health(&route.organization, own, &self.deadlines).await
            }
            None => None,
        };
        Ok(Arc::new(KnownRoute {
            asked: sender,
            route: PreparedRoute::new(route, self.answers.voice_server.as_ref()),
            answer: Answer {
                voice: agent.and_then(|agent| agent.voice.clone()),
                calls: FirstCall::default(),
                health,
            },
            recent_decisions: RecentDecisions::default(),
            plan,
            read,
        }))
    }
}

/// What changes with the sender: it, or the number that it falls back to.
fn line_of(sender: Sender) -> Sender {
    sender.fallback().unwrap_or(sender)
}

#[cfg(test)]
mod tests;
