//! The fallback chain of a situation, as far as it can be told outside of a server that runs.

use std::collections::HashMap;

use switchboard_domain::address::Channel;
use switchboard_domain::identifier::AgentId;
use switchboard_domain::plan::{
    AgentLoad, Availability, Choice, Destination, Plan, PlanAgent, Situation, Tried,
};
use switchboard_domain::routing::Routed;

/// Who is there: everybody who can be reached at all, with the calls that are known.
#[derive(Clone, Debug, Default)]
pub struct Reachable {
    /// Whether the installation has a voice server, for agents without one.
    pub has_voice_server: bool,
    /// Calls that agents have.
    pub calls: HashMap<AgentId, u32>,
}

impl Availability for Reachable {
    fn agent_load(&self, _place: usize, agent: &PlanAgent) -> AgentLoad {
        AgentLoad {
            calls: self.calls.get(&agent.id).copied().unwrap_or_default(),
            is_down: agent.profile.voice_target.is_none() && !self.has_voice_server,
        }
    }
}

/// Who takes it first.
pub(super) fn first<'p>(
    choice: &Choice<'p>,
    situation: &Situation<'_>,
    availability: &dyn Availability,
) -> Destination<'p> {
    destinations(choice, situation, availability).next().unwrap_or(Destination::Exhausted)
}

/// Everybody who takes it, one after the other.
pub(super) fn destinations<'p>(
    choice: &Choice<'p>,
    situation: &Situation<'_>,
    availability: &dyn Availability,
) -> impl Iterator<Item = Destination<'p>> {
    let mut tried = Tried::default();
    let attempt = std::iter::from_fn(move || {
        let destination = choice.destination(situation, availability, &tried, None);
        match destination {
            Destination::Agent(place, _) => tried.agents.push(place),
            Destination::Action(place, _) => tried.actions = place + 1,
            Destination::Exhausted => return None,
        }
        Some(destination)
    });
    attempt.filter(|destination| answers(destination, situation.channel))
}

/// Whether an agent can answer on a channel at all; one that cannot is passed over.
fn answers(destination: &Destination<'_>, channel: Channel) -> bool {
    match destination {
        Destination::Agent(_, agent) => {
            channel == Channel::Voice || agent.profile.message_target.is_some()
        }
        Destination::Action(..) | Destination::Exhausted => true,
    }
}

/// The rule that decides, and who takes it first.
pub(super) fn decided<'p>(
    plan: &'p Plan,
    situation: &Situation<'_>,
    availability: &dyn Availability,
) -> (Choice<'p>, Destination<'p>) {
    let choice = Routed::for_explanation(None).choose(plan, situation);
    let destination = first(&choice, situation, availability);
    (choice, destination)
}
