//! The ladder of a situation, as far as it can be told outside of a server that runs.

use std::collections::HashMap;

use switchboard_domain::address::Channel;
use switchboard_domain::identifier::AgentId;
use switchboard_domain::plan::{
    Availability, Choice, Plan, PlanAgent, Presence, Rung, Situation, Tried,
};

/// Who is there: everybody who can be reached at all, with the calls that are known.
#[derive(Clone, Debug, Default)]
pub struct Reachable {
    /// Whether the installation has a voice server, for agents without one.
    pub has_voice_server: bool,
    /// Calls that agents have.
    pub calls: HashMap<AgentId, u32>,
}

impl Availability for Reachable {
    fn presence(&self, _place: usize, agent: &PlanAgent) -> Presence {
        Presence {
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
) -> Rung<'p> {
    rungs(choice, situation, availability).next().unwrap_or(Rung::Nobody)
}

/// Everybody who takes it, one after the other.
pub(super) fn rungs<'p>(
    choice: &Choice<'p>,
    situation: &Situation<'_>,
    availability: &dyn Availability,
) -> impl Iterator<Item = Rung<'p>> {
    let mut tried = Tried::default();
    let climbed = std::iter::from_fn(move || {
        let rung = choice.rung(situation, availability, &tried, None);
        match rung {
            Rung::Agent(place, _) => tried.agents.push(place),
            Rung::Action(place, _) => tried.actions = place + 1,
            Rung::Nobody => return None,
        }
        Some(rung)
    });
    climbed.filter(|rung| answers(rung, situation.channel))
}

/// Whether an agent can answer on a channel at all; one that cannot is passed over.
fn answers(rung: &Rung<'_>, channel: Channel) -> bool {
    match rung {
        Rung::Agent(_, agent) => {
            channel == Channel::Voice || agent.profile.message_target.is_some()
        }
        Rung::Action(..) | Rung::Nobody => true,
    }
}

/// The rule that decides, and who takes it first.
pub(super) fn decided<'p>(
    plan: &'p Plan,
    situation: &Situation<'_>,
    availability: &dyn Availability,
) -> (Choice<'p>, Rung<'p>) {
    let choice = plan.choose(situation);
    let rung = first(&choice, situation, availability);
    (choice, rung)
}
