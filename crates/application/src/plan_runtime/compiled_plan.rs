//! A plan made ready, with the answers of its agents.

use std::sync::Arc;

use switchboard_domain::agent::VoiceTarget;
use switchboard_domain::causes::Causes;
use switchboard_domain::identifier::{AgentId, PlanId};
use switchboard_domain::plan::{AgentLoad, Availability, Plan, PlanAgent};
use switchboard_domain::time::Timestamp;

use super::agent_load::{AgentLoadTracker, TrackedAgent};
use super::load_plan::LoadedPlan;
use super::progress::Progress;
use crate::prepared_answer::{PreparedAgent, VoiceAddresses};

/// A plan made ready, with the answers of its agents.
pub(crate) struct CompiledPlan {
    pub(crate) id: PlanId,
    pub(crate) version: u32,
    pub(crate) plan: Plan,
    /// In the order of the plan's agents. The answer of each is ready for when it is tried first.
    pub(crate) agents: Vec<PlannedAgent>,
}

/// An agent of a plan.
pub(crate) struct PlannedAgent {
    pub(crate) compiled: Option<PreparedAgent>,
    pub(crate) load: Arc<TrackedAgent>,
}

impl CompiledPlan {
    pub(crate) fn new(
        loaded: LoadedPlan,
        agent_load: &AgentLoadTracker,
        voice_server: Option<&VoiceTarget>,
        addresses: &VoiceAddresses,
    ) -> Self {
        let LoadedPlan { id, version, plan, health_urls } = loaded;
        let planned = |agent: &PlanAgent| {
            let first = Progress::default().with_agent(&agent.id);
            let addresses = addresses.with_action(first.action(&addresses.action));
            let compiled = PreparedAgent::new(&agent.id, &agent.profile, voice_server, &addresses);
            let compiled = compiled
                .inspect_err(|error| {
                    tracing::error!(agent.id = %agent.id, error = %Causes(error), "agent cannot answer calls");
                })
                .ok();
            let target = agent.profile.voice_target.as_ref().or(voice_server);
            let health_url = health_urls.get(&agent.id);
            PlannedAgent { compiled, load: agent_load.of(&agent.id, target, health_url) }
        };
        let agents = plan.agents().iter().map(planned).collect();
        Self { id, version, plan, agents }
    }

    /// Who is there at an instant, for a call that an agent may have already.
    pub(crate) fn at(&self, now: Timestamp, holder: Option<&AgentId>) -> Here<'_> {
        let place =
            |holder: &AgentId| self.plan.agents().iter().position(|agent| agent.id == *holder);
        Here { plan: self, now, holder: holder.and_then(place) }
    }
}

/// Who of a plan is there.
pub(crate) struct Here<'a> {
    plan: &'a CompiledPlan,
    now: Timestamp,
    holder: Option<usize>,
}

impl Here<'_> {
    /// The place of the agent that has the call already.
    pub(crate) const fn holder(&self) -> Option<usize> {
        self.holder
    }
}

impl Availability for Here<'_> {
    fn agent_load(&self, place: usize, _agent: &PlanAgent) -> AgentLoad {
        let planned = &self.plan.agents[place];
        // Who cannot be connected is not there.
        let cannot = planned.compiled.as_ref().is_none_or(|compiled| compiled.voice.is_none());
        let AgentLoad { calls, is_down } = planned.load.agent_load(self.now);
        if self.holder == Some(place) {
            // The call does not stand in its own way.
            return AgentLoad { calls: calls.saturating_sub(1), is_down: cannot };
        }
        AgentLoad { calls, is_down: is_down || cannot }
    }
}
