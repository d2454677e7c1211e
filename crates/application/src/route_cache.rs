//! Known numbers, in memory: an answer for one of them reads nothing from the database.

mod invalidation;

use std::sync::Arc;

use quick_cache::sync::Cache;
use switchboard_domain::agent::VoiceTarget;
use switchboard_domain::causes::Causes;
use switchboard_domain::identifier::{AgentId, PlanId};
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::ports::{Clock, Retry, RouteStore, StoreError};
use switchboard_domain::routing::{Assigned, Bound, Decision, Reason, Route, decide_call};
use switchboard_domain::sid::AccountSid;
use switchboard_domain::time::Timestamp;

use crate::deadline::{Deadlines, within};
use crate::plan_runtime::{AgentLoadTracker, CompiledPlan, PlanSources, UnreadablePlan};
use crate::prepared_answer::{FirstCall, PreparedAgent, PreparedVoice, VoiceAddresses};
use crate::recorder::RecentDecisions;
use crate::route_cache::invalidation::{Generation, Invalidation, Slot};

/// How much the cache holds.
#[derive(Clone, Copy, Debug)]
pub struct RouteCacheLimits {
    /// Known numbers.
    pub numbers: usize,
    /// Agents whose answers are ready.
    pub agents: usize,
    /// Routing plans that are ready.
    pub plans: usize,
    /// Numbers that are known to be none of ours.
    pub unknown_numbers: usize,
    /// How long a number stays known to be none of ours, in seconds.
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

/// A number that is known, with its agent's answer made ready.
pub(crate) struct KnownRoute {
    pub(crate) route: Route,
    /// Why nobody answers a call that no plan decides about.
    nobody_answers_calls: Option<Reason>,
    /// The answer of the number's own agent, kept here so that an answer waits for one place in memory less.
    voice: Option<PreparedVoice>,
    calls: FirstCall,
    pub(crate) noted: RecentDecisions,
    /// The plan that decides, where one does and can.
    pub(crate) plan: Option<Arc<CompiledPlan>>,
    /// When its reading began, and what must not have changed since.
    generation: Generation,
    number_slot: Slot,
    agent_slot: Option<Slot>,
    plan_slot: Option<Slot>,
}

/// The agent that answers a number where no plan decides.
#[derive(Clone, Copy)]
pub(crate) struct OwnAgent<'a> {
    pub(crate) id: &'a AgentId,
    /// Its answer, unless it is too large to be one.
    pub(crate) voice: Option<&'a PreparedVoice>,
    pub(crate) calls: &'a FirstCall,
}

impl KnownRoute {
    /// Who answers a call that no plan decides about, or why nobody does: [`decide_call`] as it was decided when
    /// the route was read. A call is bound to its number before.
    pub(crate) fn own_agent(&self, _bound: Bound<'_>) -> Result<OwnAgent<'_>, Reason> {
        match (self.nobody_answers_calls, &self.route.assigned) {
            (Some(reason), _) => Err(reason),
            (None, Some(Assigned { agent: id, .. })) => {
                Ok(OwnAgent { id, voice: self.voice.as_ref(), calls: &self.calls })
            }
            (None, None) => Err(Reason::Unassigned),
        }
    }
}

/// A plan that is ready, and when its reading began.
struct KnownPlan {
    plan: Arc<CompiledPlan>,
    generation: Generation,
}

/// A change of any agent may change any plan: they are few, and quickly read again.
const ALL_PLANS: &str = "plans";

/// A number that is known to be none of ours.
#[derive(Clone, Copy)]
struct Absent {
    generation: Generation,
    until: Timestamp,
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
    /// By the digits of the number: of a small key, two entries fit into a line of memory.
    known: Cache<u64, Arc<KnownRoute>>,
    agents: Cache<AgentId, Arc<PreparedAgent>>,
    sources: PlanSources,
    agent_load: Arc<AgentLoadTracker>,
    plans: Cache<PlanId, Arc<KnownPlan>>,
    unknown: Cache<PhoneNumber, Absent>,
    /// When a route that did not fit the account of its request was last read again.
    rechecked: Cache<PhoneNumber, Timestamp>,
    invalidation: Invalidation,
    metrics: Metrics,
}

struct Metrics {
    hits: metrics::Counter,
    misses: metrics::Counter,
    unknown: metrics::Counter,
    outdated: metrics::Counter,
    unreadable_plans: metrics::Counter,
}

/// Where routing plans come from, and who of their agents is there.
#[derive(Clone)]
pub struct Planning {
    /// Where they come from.
    pub sources: PlanSources,
    /// Who is there.
    pub agent_load: Arc<AgentLoadTracker>,
}

enum Missing {
    Unknown,
    Failed(StoreError),
}

impl RouteCache {
    /// An empty cache before `store`. `voice_server` and `addresses` are what answers are made ready with.
    pub fn new(
        store: Arc<dyn RouteStore>,
        planning: Planning,
        clock: Arc<dyn Clock>,
        deadlines: Deadlines,
        limits: RouteCacheLimits,
        voice_server: Option<VoiceTarget>,
        addresses: VoiceAddresses,
    ) -> Self {
        let Planning { sources, agent_load } = planning;
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
            sources,
            agent_load,
            plans: Cache::new(limits.plans),
            unknown: Cache::new(limits.unknown_numbers),
            rechecked: Cache::new(limits.unknown_numbers),
            invalidation: Invalidation::new(),
            metrics: Metrics {
                hits: lookups("hit"),
                misses: lookups("miss"),
                unknown: lookups("unknown"),
                outdated: lookups("outdated"),
                unreadable_plans: metrics::counter!("switchboard_plans_unreadable_total"),
            },
        }
    }

    /// Who of the agents is there.
    pub(crate) const fn agent_load(&self) -> &Arc<AgentLoadTracker> {
        &self.agent_load
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
    /// cause one read, and none of them waits for the others longer than for the store.
    pub(crate) async fn find(
        &self,
        number: PhoneNumber,
    ) -> Result<Option<Arc<KnownRoute>>, StoreError> {
        let digits = number.digits();
        if let Some(known) = self.known.get(&digits) {
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
        let begun = self.invalidation.now();
        let load = async {
            // Who waited for another's reading need not read again that there is nothing.
            if self.is_known_unknown(number) {
                Err(Missing::Unknown)
            } else {
                self.load(number).await
            }
        };
        let loaded = self.known.get_or_insert_async(&digits, load);
        let loaded = tokio::time::timeout(self.deadlines.read, loaded).await;
        match loaded
            .unwrap_or_else(|_elapsed| Err(Missing::Failed(StoreError::timed_out("route.find"))))
        {
            // Another's reading may have begun before a change that was there when we asked.
            Ok(known) if known.generation < begun && self.is_stale(&known) => {
                self.read_again(number, known).await
            }
            Ok(known) => Ok(Some(known)),
            Err(Missing::Unknown) => Ok(None),
            Err(Missing::Failed(error)) => Err(error),
        }
    }

    /// The route of a number that `account` says is its own. Where a known route says otherwise, the number
    /// may have moved a moment ago: it is read once more before anybody is refused, at most once a second.
    pub(crate) async fn find_for(
        &self,
        number: PhoneNumber,
        account: AccountSid,
    ) -> Result<Option<Arc<KnownRoute>>, StoreError> {
        if let Some(known) = self.known.get(&number.digits())
            && known.route.account == account
            && !self.is_stale(&known)
        {
            self.metrics.hits.increment(1);
            return Ok(Some(known));
        }
        // Boxed, so that the way of nearly every request does not carry the state of this one.
        Box::pin(async {
            match self.find(number).await? {
                Some(known) if known.route.account != account && self.may_recheck(number) => {
                    self.read_again(number, known).await
                }
                found => Ok(found),
            }
        })
        .await
    }

    fn may_recheck(&self, number: PhoneNumber) -> bool {
        let now = self.clock.now();
        let is_due = self.rechecked.get(&number).is_none_or(|last| now >= last.plus_seconds(1));
        if is_due {
            self.rechecked.insert(number, now);
        }
        is_due
    }

    /// The route of a number as far as it can be told: while the store is away, an unknown number is taken
    /// for none of ours. For events that only add to records of the account that signed them.
    pub(crate) async fn find_if_reachable(
        &self,
        number: PhoneNumber,
        account: AccountSid,
    ) -> Result<Option<Arc<KnownRoute>>, StoreError> {
        match self.find_for(number, account).await {
            Err(error) if error.retry() == Retry::Later => Ok(None),
            found => found,
        }
    }

    /// A number changed: what is known of it is old.
    pub fn number_changed(&self, number: PhoneNumber) {
        self.invalidation.changed(&number);
        self.unknown.remove(&number);
    }

    /// An agent changed: what is known of every number that it answers is old.
    pub fn agent_changed(&self, agent: &AgentId) {
        self.invalidation.changed(agent);
        self.invalidation.changed(&ALL_PLANS);
        self.agents.remove(agent);
    }

    /// Everything may have changed.
    pub fn everything_changed(&self) {
        self.invalidation.everything_changed();
        self.unknown.clear();
    }

    fn is_stale(&self, known: &KnownRoute) -> bool {
        let is_older = |slot| self.invalidation.is_older(known.generation, slot);
        is_older(known.number_slot)
            || known.agent_slot.is_some_and(is_older)
            || known.plan_slot.is_some_and(is_older)
    }

    fn is_known_unknown(&self, number: PhoneNumber) -> bool {
        self.unknown.get(&number).is_some_and(|absent| {
            self.clock.now() < absent.until
                && !self.invalidation.is_older(absent.generation, self.invalidation.slot(&number))
        })
    }

    /// Reads a route that is known but old. A store that does not answer at once is not waited for: the old
    /// answer goes out, and the next request asks again.
    async fn read_again(
        &self,
        number: PhoneNumber,
        known: Arc<KnownRoute>,
    ) -> Result<Option<Arc<KnownRoute>>, StoreError> {
        let load = tokio::time::timeout(self.deadlines.reread, self.load(number)).await;
        let too_late = |_elapsed| Err(Missing::Failed(StoreError::timed_out("route.find")));
        match load.unwrap_or_else(too_late) {
            Ok(fresh) => {
                self.metrics.misses.increment(1);
                self.known.insert(number.digits(), Arc::clone(&fresh));
                Ok(Some(fresh))
            }
            Err(Missing::Unknown) => {
                self.known.remove(&number.digits());
                Ok(None)
            }
            // While the store is away, an answer as of yesterday is better than none: the account of the
            // route is still compared with the one that signed. A corrupt row is no reason for an old answer.
            Err(Missing::Failed(error)) if error.retry() == Retry::Later => {
                self.metrics.outdated.increment(1);
                Ok(Some(known))
            }
            Err(Missing::Failed(error)) => Err(error),
        }
    }

    async fn load(&self, number: PhoneNumber) -> Result<Arc<KnownRoute>, Missing> {
        // What changes from here on may be missing from what is read.
        let generation = self.invalidation.now();
        let route = within(self.deadlines.read, "route.find", self.store.route(number))
            .await
            .map_err(Missing::Failed)?;
        let Some(mut route) = route else {
            let until = self.clock.now().plus_seconds(self.limits.unknown_seconds);
            self.unknown.insert(number, Absent { generation, until });
            return Err(Missing::Unknown);
        };
        let agent = route.assigned.as_mut().and_then(|assigned| self.compiled(assigned));
        let voice = agent.and_then(|agent| agent.voice.clone());
        let number_slot = self.invalidation.slot(&number);
        let agent_slot =
            route.assigned.as_ref().map(|assigned| self.invalidation.slot(&assigned.agent));
        let plan = match &route.plan {
            Some(id) => self.plan(id).await?,
            None => None,
        };
        let plan_slot = route.plan.is_some().then(|| self.invalidation.slot(&ALL_PLANS));
        let decision =
            decide_call(Bound::without_request(Some(&route)), self.voice_server.as_ref());
        let nobody_answers_calls = match decision {
            Decision::Agent { .. } => None,
            Decision::Nobody(reason) => Some(reason),
        };
        Ok(Arc::new(KnownRoute {
            route,
            nobody_answers_calls,
            voice,
            calls: FirstCall::default(),
            noted: RecentDecisions::default(),
            plan,
            generation,
            number_slot,
            agent_slot,
            plan_slot,
        }))
    }

    /// The plan, ready. One that cannot be read decides nothing: the number's own agent answers, and it is told
    /// loudly.
    async fn plan(&self, id: &PlanId) -> Result<Option<Arc<CompiledPlan>>, Missing> {
        let slot = self.invalidation.slot(&ALL_PLANS);
        if let Some(known) = self.plans.get(id)
            && !self.invalidation.is_older(known.generation, slot)
        {
            return Ok(Some(Arc::clone(&known.plan)));
        }
        let generation = self.invalidation.now();
        let load = tokio::time::timeout(self.deadlines.read, self.sources.load(id)).await;
        let loaded = match load {
            Ok(Ok(Some(loaded))) => loaded,
            Ok(Ok(None)) => return Ok(None),
            Ok(Err(UnreadablePlan::Store(error))) => return Err(Missing::Failed(error)),
            Ok(Err(error @ UnreadablePlan::Wrong { .. })) => {
                self.metrics.unreadable_plans.increment(1);
                tracing::error!(plan.id = %id, error = %Causes(&error), "routing plan decides nothing; numbers fall back to their own agents");
                return Ok(None);
            }
            Err(_elapsed) => return Err(Missing::Failed(StoreError::timed_out("plan.load"))),
        };
        let voice_server = self.voice_server.as_ref();
        let plan = CompiledPlan::new(loaded, &self.agent_load, voice_server, &self.addresses);
        let plan = Arc::new(plan);
        self.plans.insert(id.clone(), Arc::new(KnownPlan { plan: Arc::clone(&plan), generation }));
        Ok(Some(plan))
    }

    /// The agent's ready answer, shared by all its numbers.
    fn compiled(&self, assigned: &mut Assigned) -> Option<Arc<PreparedAgent>> {
        if let Some(compiled) = self.agents.get(&assigned.agent)
            && compiled.profile == assigned.profile
        {
            assigned.profile = Arc::clone(&compiled.profile);
            return Some(compiled);
        }
        match PreparedAgent::new(
            &assigned.agent,
            &assigned.profile,
            self.voice_server.as_ref(),
            &self.addresses,
        ) {
            Ok(compiled) => {
                let compiled = Arc::new(compiled);
                self.agents.insert(assigned.agent.clone(), Arc::clone(&compiled));
                Some(compiled)
            }
            Err(error) => {
                tracing::error!(agent.id = %assigned.agent, error = %Causes(&error), "agent cannot answer calls");
                None
            }
        }
    }
}

#[cfg(test)]
mod tests;
