//! A plan made ready, with the answers of its agents.

use std::sync::Arc;

use switchboard_domain::agent::VoiceTarget;
use switchboard_domain::causes::Causes;
use switchboard_domain::identifier::PlanId;
use switchboard_domain::plan::{Availability, Plan, PlanAgent, Presence};
use switchboard_domain::time::Timestamp;

use super::ladder::Progress;
use super::load_plan::LoadedPlan;
use super::presence::{AgentLoad, AgentPresence};
use crate::compiled::{CompiledAgent, VoiceAddresses};

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
    pub(crate) compiled: Option<CompiledAgent>,
    pub(crate) load: Arc<AgentLoad>,
}

impl CompiledPlan {
    pub(crate) fn new(
        loaded: LoadedPlan,
        presence: &AgentPresence,
        voice_server: Option<&VoiceTarget>,
        addresses: &VoiceAddresses,
    ) -> Self {
        let LoadedPlan { id, version, plan, health_urls } = loaded;
        let planned = |agent: &PlanAgent| {
            let first = Progress::default().with_agent(&agent.id);
            let addresses = VoiceAddresses {
                action: first.action(&addresses.action),
                session_base: addresses.session_base.clone(),
            };
            let compiled = CompiledAgent::new(&agent.id, &agent.profile, voice_server, &addresses);
            let compiled = compiled
                .inspect_err(|error| {
                    tracing::error!(agent.id = %agent.id, error = %Causes(error), "agent cannot answer calls");
                })
                .ok();
            let target = agent.profile.voice_target.as_ref().or(voice_server);
            let health_url = health_urls.get(&agent.id);
            PlannedAgent { compiled, load: presence.of(&agent.id, target, health_url) }
        };
        let agents = plan.agents().iter().map(planned).collect();
        Self { id, version, plan, agents }
    }

    /// Who is there at an instant.
    pub(crate) const fn at(&self, now: Timestamp) -> Here<'_> {
        Here { plan: self, now }
    }
}

/// Who of a plan is there.
pub(crate) struct Here<'a> {
    plan: &'a CompiledPlan,
    now: Timestamp,
}

impl Availability for Here<'_> {
    fn presence(&self, place: usize, _agent: &PlanAgent) -> Presence {
        let planned = &self.plan.agents[place];
        let presence = planned.load.presence(self.now);
        // Who cannot be connected is not there.
        let cannot = planned.compiled.as_ref().is_none_or(|compiled| !compiled.has_voice());
        Presence { is_down: presence.is_down || cannot, ..presence }
    }
}
