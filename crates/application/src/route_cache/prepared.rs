//! Answers that are prepared once: of agents, shared by all their numbers, and of plans.

use std::sync::Arc;

use quick_cache::sync::Cache;
use switchboard_domain::agent::VoiceTarget;
use switchboard_domain::causes::Causes;
use switchboard_domain::identifier::{AgentId, OrganizationId, PlanId};
use switchboard_domain::ports::StoreError;
use switchboard_domain::routing::Assigned;

use super::RouteCacheLimits;
use super::invalidation::{Generation, Invalidation};
use crate::deadline::Deadlines;
use crate::plan_runtime::{
    AgentLoadTracker, CompiledPlan, HandlerHealth, HealthUrl, PlanSources, UnreadablePlan,
};
use crate::prepared_answer::{PreparedAgent, VoiceAddresses};

/// The invalidation key of all plans. Any changed agent may affect any plan. There are few plans,
/// and reading them again is fast.
pub(super) const ALL_PLANS: &str = "plans";

/// Problems of a plan that are logged when it is read; there may be one for each rule.
const LOGGED_PROBLEMS: usize = 10;

/// A plan that is ready, and when its reading began.
struct KnownPlan {
    plan: Arc<CompiledPlan>,
    generation: Generation,
}

/// The prepared answers of agents and plans.
pub(super) struct PreparedAnswers {
    pub(super) voice_server: Option<VoiceTarget>,
    addresses: VoiceAddresses,
    sources: PlanSources,
    pub(super) agent_load: Arc<AgentLoadTracker>,
    agents: Cache<AgentId, Arc<PreparedAgent>>,
    plans: Cache<PlanId, Arc<KnownPlan>>,
    unreadable_plans: metrics::Counter,
    skipped_rules: metrics::Counter,
}

impl PreparedAnswers {
    pub(super) fn new(
        voice_server: Option<VoiceTarget>,
        addresses: VoiceAddresses,
        sources: PlanSources,
        agent_load: Arc<AgentLoadTracker>,
        limits: &RouteCacheLimits,
    ) -> Self {
        Self {
            voice_server,
            addresses,
            sources,
            agent_load,
            agents: Cache::new(limits.agents),
            plans: Cache::new(limits.plans),
            unreadable_plans: metrics::counter!("switchboard_plans_unreadable_total"),
            skipped_rules: metrics::counter!("switchboard_plan_problems_total"),
        }
    }

    #[cfg(test)]
    pub(super) fn agents_len(&self) -> usize {
        self.agents.len()
    }

    pub(super) fn agent_changed(&self, agent: &AgentId) {
        self.agents.remove(agent);
    }

    /// Returns the agent's prepared answer, which all its numbers share; `None` if it is too large.
    pub(super) fn agent(&self, assigned: &mut Assigned) -> Option<Arc<PreparedAgent>> {
        if let Some(prepared) = self.agents.get(&assigned.agent)
            && prepared.profile == assigned.profile
        {
            assigned.profile = Arc::clone(&prepared.profile);
            return Some(prepared);
        }
        let voice_server = self.voice_server.as_ref();
        let prepared =
            PreparedAgent::new(&assigned.agent, &assigned.profile, voice_server, &self.addresses);
        match prepared {
            Ok(prepared) => {
                let prepared = Arc::new(prepared);
                self.agents.insert(assigned.agent.clone(), Arc::clone(&prepared));
                Some(prepared)
            }
            Err(error) => {
                tracing::error!(agent.id = %assigned.agent, error = %Causes(&error), "the TwiML of an agent cannot be prepared");
                None
            }
        }
    }

    /// The health of the handler of an agent; `None` if it has none.
    pub(super) async fn handler_health(
        &self,
        organization: &OrganizationId,
        Assigned { agent, profile, .. }: &Assigned,
        deadlines: &Deadlines,
    ) -> Option<HandlerHealth> {
        let target = profile.voice_target.as_ref().filter(|target| target.handler().is_some())?;
        let reading = self.sources.health_url(organization, agent);
        let read = tokio::time::timeout(deadlines.read, reading).await;
        let health_url = read.unwrap_or(HealthUrl::Unreadable);
        self.agent_load.handler_health(organization, target, &health_url)
    }

    /// Returns the compiled plan. A plan that cannot be read is logged and decides nothing, so the
    /// number's own agent answers.
    pub(super) async fn plan(
        &self,
        id: &PlanId,
        invalidation: &Invalidation,
        deadlines: &Deadlines,
    ) -> Result<Option<Arc<CompiledPlan>>, StoreError> {
        let slot = invalidation.slot(&ALL_PLANS);
        if let Some(known) = self.plans.get(id)
            && !invalidation.is_older(known.generation, slot)
        {
            return Ok(Some(Arc::clone(&known.plan)));
        }
        let generation = invalidation.now();
        let load = tokio::time::timeout(deadlines.read, self.sources.load(id)).await;
        let loaded = match load {
            Ok(Ok(Some(loaded))) => loaded,
            Ok(Ok(None)) => return Ok(None),
            Ok(Err(UnreadablePlan::Store(error))) => return Err(error),
            Ok(Err(error @ UnreadablePlan::Wrong { .. })) => {
                self.unreadable_plans.increment(1);
                tracing::error!(plan.id = %id, error = %Causes(&error), "routing plan is unreadable; its numbers use their own agents");
                return Ok(None);
            }
            Err(_elapsed) => return Err(StoreError::timed_out("plan.load")),
        };
        for problem in loaded.problems.iter().take(LOGGED_PROBLEMS) {
            tracing::error!(plan.id = %id, plan.version = loaded.version, error = %problem, "routing plan names what cannot be read; the rule is skipped");
        }
        self.skipped_rules.increment(loaded.problems.len() as u64);
        let voice_server = self.voice_server.as_ref();
        let plan = CompiledPlan::new(loaded, &self.agent_load, voice_server, &self.addresses);
        let plan = Arc::new(plan);
        self.plans.insert(id.clone(), Arc::new(KnownPlan { plan: Arc::clone(&plan), generation }));
        Ok(Some(plan))
    }
}
