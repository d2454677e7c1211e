//! The fallback chain of a situation, without the state of a running server.

use std::collections::HashMap;
use std::sync::Arc;

use switchboard_domain::address::Channel;
use switchboard_domain::agent::Profile;
use switchboard_domain::identifier::AgentId;
use switchboard_domain::plan::{
    Action, AgentLoad, Availability, Choice, Destination, Plan, PlanAgent, Situation, Tried,
};
use switchboard_domain::routing::Routed;

/// The destination of a call or message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DestinationSummary {
    /// The call or message reaches an agent.
    Agent {
        /// The id of the agent.
        id: AgentId,
        /// Its name and targets.
        profile: Arc<Profile>,
    },
    /// The plan performs an action.
    Action(Action),
    /// Nothing answers.
    Nobody,
}

impl DestinationSummary {
    pub(super) fn of(destination: &Destination<'_>) -> Self {
        match destination {
            Destination::Agent(_, agent) => {
                Self::Agent { id: agent.id.clone(), profile: Arc::clone(&agent.profile) }
            }
            Destination::Action(_, action) => Self::Action((*action).clone()),
            Destination::Exhausted => Self::Nobody,
        }
    }

    /// The agent, if the destination is one.
    pub const fn agent(&self) -> Option<&AgentId> {
        match self {
            Self::Agent { id, .. } => Some(id),
            Self::Action(_) | Self::Nobody => None,
        }
    }
}

/// The availability of agents outside a running server: every agent that has a voice target is up.
#[derive(Clone, Debug, Default)]
pub struct Reachable {
    /// Whether there is a default voice server for agents without a voice target.
    pub has_voice_server: bool,
    /// The current calls of agents.
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

/// The first destination.
pub(super) fn first<'p>(
    choice: &Choice<'p>,
    situation: &Situation<'_>,
    availability: &dyn Availability,
) -> Destination<'p> {
    destinations(choice, situation, availability).next().unwrap_or(Destination::Exhausted)
}

/// All destinations in order, as if each attempt failed.
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

/// Whether a destination can answer on a channel.
fn answers(destination: &Destination<'_>, channel: Channel) -> bool {
    match destination {
        Destination::Agent(_, agent) => {
            channel == Channel::Voice || agent.profile.message_target.is_some()
        }
        Destination::Action(..) | Destination::Exhausted => true,
    }
}

/// The rule that decides, and the first destination.
pub(super) fn decided<'p>(
    plan: &'p Plan,
    situation: &Situation<'_>,
    availability: &dyn Availability,
) -> (Choice<'p>, Destination<'p>) {
    let choice = Routed::for_explanation(None).choose(plan, situation);
    let destination = first(&choice, situation, availability);
    (choice, destination)
}
