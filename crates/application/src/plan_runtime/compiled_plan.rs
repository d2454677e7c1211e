//! A compiled plan with the prepared answers of its agents.

use std::sync::Arc;

use switchboard_domain::agent::VoiceTarget;
use switchboard_domain::call::RuleRef;
use switchboard_domain::causes::Causes;
use switchboard_domain::identifier::{AgentId, PlanId};
use switchboard_domain::plan::{AgentLoad, Availability, Choice, Plan, PlanAgent};
use switchboard_domain::sid::AccountSid;
use switchboard_domain::time::Timestamp;

use super::agent_load::{AgentLoadTracker, TrackedAgent};
use super::load_plan::LoadedPlan;
use super::progress::Progress;
use crate::prepared_answer::{PreparedAgent, VoiceAddresses};

/// A compiled plan with the prepared answers of its agents.
pub(crate) struct CompiledPlan {
    pub(crate) id: PlanId,
    pub(crate) version: u32,
    pub(crate) plan: Plan,
    /// The agents in the order of the plan. Each answer is prepared for a first attempt.
    pub(crate) agents: Vec<PlannedAgent>,
}

/// An agent of a plan.
pub(crate) struct PlannedAgent {
    /// `None` if the answer is too large.
    pub(crate) prepared: Option<PreparedAgent>,
    pub(crate) tracked: Arc<TrackedAgent>,
}

impl CompiledPlan {
    pub(crate) fn new(
        loaded: LoadedPlan,
        agent_load: &AgentLoadTracker,
        voice_server: Option<&VoiceTarget>,
        addresses: &VoiceAddresses,
    ) -> Self {
        let LoadedPlan { organization, id, version, plan, health_urls, .. } = loaded;
        let planned = |agent: &PlanAgent| {
            let first = Progress::default().with_agent(&agent.id);
            let addresses = addresses.with_action(first.action(&addresses.action));
            let prepared = PreparedAgent::new(&agent.id, &agent.profile, voice_server, &addresses);
            let prepared = prepared
                .inspect_err(|error| {
                    tracing::error!(agent.id = %agent.id, error = %Causes(error), "the TwiML of an agent cannot be prepared");
                })
                .ok();
            let target = agent.profile.voice_target.as_ref().or(voice_server);
            let health_url = health_urls.get(&agent.id);
            let tracked = agent_load.track(&organization, &agent.id, target, health_url);
            PlannedAgent { prepared, tracked }
        };
        let agents = plan.agents().iter().map(planned).collect();
        Self { id, version, plan, agents }
    }

    /// The rule that decides, in the form in which it is recorded.
    pub(crate) fn rule(&self, choice: &Choice<'_>) -> RuleRef {
        RuleRef {
            plan: self.id.clone(),
            version: self.version,
            rule: choice.rule.and_then(|rule| u32::try_from(rule).ok()),
        }
    }

    /// The availability of the agents at an instant, for a call of an account. An agent may already
    /// have the call.
    pub(crate) fn at(
        &self,
        account: AccountSid,
        now: Timestamp,
        holder: Option<&AgentId>,
    ) -> AvailabilityNow<'_> {
        let place =
            |holder: &AgentId| self.plan.agents().iter().position(|agent| agent.id == *holder);
        AvailabilityNow { plan: self, account, now, holder: holder.and_then(place) }
    }

    /// Whether a call may take a place of an agent's capacity, or try a voice server that looked
    /// down.
    pub(crate) fn is_limited(&self) -> bool {
        self.plan.agents().iter().any(|agent| agent.capacity.is_some())
            || self.agents.iter().any(|agent| !agent.tracked.is_up())
    }
}

/// The availability of a plan's agents at an instant.
pub(crate) struct AvailabilityNow<'a> {
    plan: &'a CompiledPlan,
    account: AccountSid,
    now: Timestamp,
    holder: Option<usize>,
}

impl AvailabilityNow<'_> {
    /// The index of the agent that already has the call.
    pub(crate) const fn holder(&self) -> Option<usize> {
        self.holder
    }
}

impl Availability for AvailabilityNow<'_> {
    fn agent_load(&self, place: usize, _agent: &PlanAgent) -> AgentLoad {
        let planned = &self.plan.agents[place];
        // An agent without a prepared answer counts as down.
        let cannot = planned.prepared.as_ref().is_none_or(|prepared| prepared.voice.is_none());
        let AgentLoad { calls, is_down } = planned.tracked.agent_load(self.account, self.now);
        if self.holder == Some(place) {
            // The call does not count against itself.
            return AgentLoad { calls: calls.saturating_sub(1), is_down: cannot };
        }
        AgentLoad { calls, is_down: is_down || cannot }
    }
}
