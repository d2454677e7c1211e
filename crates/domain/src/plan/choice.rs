//! The choice: which rule, and who takes it first, and next.

use super::action::Action;
use super::caller::Situation;
use super::compile::{Plan, PlanAgent, Then};
use super::condition::{Mismatch, Occasion};
use super::rule::{AskOutside, Strategy};
use super::sticky::{mixed, unit};
use crate::address::Channel;
use crate::routing::{ByOperator, PreparedRoute, Routed};

/// What is known of an agent's voice server at this moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AgentLoad {
    /// Calls that it has.
    pub calls: u32,
    /// Whether it does not answer.
    pub is_down: bool,
}

/// Tells who is there. It MUST answer at once.
pub trait Availability {
    /// What is known of an agent of a plan, by its place in the plan.
    fn agent_load(&self, place: usize, agent: &PlanAgent) -> AgentLoad;
}

/// Everybody is there and has nothing to do.
impl Availability for () {
    fn agent_load(&self, _place: usize, _agent: &PlanAgent) -> AgentLoad {
        AgentLoad::default()
    }
}

/// What was tried for a call already, so that nothing is tried twice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tried {
    /// Agents, by their places in the plan.
    pub agents: Vec<usize>,
    /// How many of the actions.
    pub actions: usize,
}

/// Who takes it next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Destination<'p> {
    /// An agent, by its place in the plan.
    Agent(usize, &'p PlanAgent),
    /// An action, by its place in the rule.
    Action(usize, &'p Action),
    /// Nobody any more.
    Nobody,
}

/// Which rule decides. Each step of its fallback chain is asked for when it is needed.
#[derive(Clone, Copy, Debug)]
pub struct Choice<'p> {
    /// The rule, by its place; none for what happens otherwise.
    pub rule: Option<usize>,
    pub(super) plan: &'p Plan,
    pub(super) then: &'p Then,
    pub(super) sticky: u64,
}

impl<R, V> Routed<R, V> {
    /// Lets a plan decide. Every situation has exactly one choice, and equal situations have equal choices.
    pub fn choose<'p>(&self, plan: &'p Plan, situation: &Situation<'_>) -> Choice<'p> {
        plan.choose(situation)
    }
}

impl Routed<&PreparedRoute, ByOperator> {
    /// What a rule chooses, whether or not it matches; `None` if there is no such rule.
    pub fn choose_by<'p>(
        &self,
        plan: &'p Plan,
        rule: Option<usize>,
        situation: &Situation<'_>,
    ) -> Option<Choice<'p>> {
        let then = match rule {
            Some(place) => &plan.rules.get(place)?.then,
            None => &plan.otherwise,
        };
        Some(Choice { rule, plan, then, sticky: plan.sticky(situation) })
    }
}

impl Plan {
    pub(crate) fn choose(&self, situation: &Situation<'_>) -> Choice<'_> {
        let sticky = self.sticky(situation);
        let mut occasion = Occasion::new(&self.zones, situation, sticky);
        let matches =
            |(_, rule): &(usize, &super::compile::Rule)| rule.when.check(&mut occasion).is_ok();
        let rule = self.rules.iter().enumerate().find(matches);
        let (rule, then) = match rule {
            Some((place, rule)) => (Some(place), &rule.then),
            None => (None, &self.otherwise),
        };
        Choice { rule, plan: self, then, sticky }
    }

    /// How many rules it has.
    pub const fn rule_count(&self) -> usize {
        self.rules.len()
    }

    pub(super) fn sticky(&self, situation: &Situation<'_>) -> u64 {
        self.key.caller(situation.caller.address, situation.event)
    }

    /// The rule's name, if it has one.
    pub fn rule_name(&self, rule: usize) -> Option<&str> {
        self.rules.get(rule)?.name.as_ref().map(crate::agent::Label::as_str)
    }
}

impl<'p> Choice<'p> {
    /// The decision service that may choose among [`Self::candidates`], if the rule names one.
    pub const fn ask(&self) -> Option<&'p AskOutside> {
        self.then.ask.as_ref()
    }

    /// How one of the agents is chosen.
    pub const fn strategy(&self) -> Strategy {
        self.then.strategy
    }

    /// The agents by their places in the plan, each with its weight.
    pub fn weights(&self) -> &'p [(usize, u32)] {
        &self.then.agents
    }

    /// The agents among which a decision service may choose.
    pub fn candidates(&self) -> impl Iterator<Item = (usize, &'p PlanAgent)> {
        let plan = self.plan;
        self.then.agents.iter().map(|(place, _)| (*place, &plan.agents[*place]))
    }

    /// Who takes it, after what was tried. `preferred` goes first if it is available.
    pub fn destination(
        &self,
        situation: &Situation<'_>,
        availability: &dyn Availability,
        tried: &Tried,
        preferred: Option<usize>,
    ) -> Destination<'p> {
        let mut occasion = Occasion::new(&self.plan.zones, situation, self.sticky);
        let mut best: Option<(f64, usize)> = None;
        for (order, (place, weight)) in self.then.agents.iter().enumerate() {
            if tried.agents.contains(place) {
                continue;
            }
            let agent = &self.plan.agents[*place];
            let Some(load) = load(*place, agent, situation, availability, &mut occasion) else {
                continue;
            };
            let cost = if preferred == Some(*place) {
                f64::NEG_INFINITY
            } else {
                self.cost(order, agent, *weight, load)
            };
            // What costs nothing less comes later: the first of equals stays.
            if cost < f64::INFINITY && best.is_none_or(|(known, _)| cost < known) {
                best = Some((cost, *place));
            }
        }
        if let Some((_, place)) = best {
            return Destination::Agent(place, &self.plan.agents[place]);
        }
        let fits =
            |action: &Action| situation.channel == Channel::Voice || action.answers_messages();
        let mut left = self.then.next.iter().enumerate().skip(tried.actions);
        match left.find(|(_, action)| fits(action)) {
            Some((place, action)) => Destination::Action(place, action),
            None => Destination::Nobody,
        }
    }

    /// The lower, the sooner; infinite for never.
    fn cost(&self, order: usize, agent: &PlanAgent, weight: u32, load: f64) -> f64 {
        if weight == 0 {
            return f64::INFINITY;
        }
        // Weighted rendezvous hashing: each agent draws a time from an exponential distribution of its weight, the
        // same one for the same caller, and the soonest wins. A weight that is raised makes only this agent's times
        // sooner, so callers move to it and never between two others.
        let drawn = || -unit(mixed(self.sticky, agent.salt)).ln() / f64::from(weight);
        match self.then.strategy {
            Strategy::Weighted => drawn(),
            #[expect(clippy::cast_precision_loss, reason = "there are far fewer agents than 2^52")]
            Strategy::Priority => order as f64,
            // Among equally busy ones, the draw decides: it is mapped below the smallest difference of loads.
            Strategy::LeastBusy => load + drawn().min(1e6) * 1e-15,
        }
    }
}

/// How busy an agent is: a part of its capacity, or a count of calls where it has none. None if it takes nothing now.
fn load(
    place: usize,
    agent: &PlanAgent,
    situation: &Situation<'_>,
    availability: &dyn Availability,
    occasion: &mut Occasion<'_>,
) -> Option<f64> {
    use crate::agent::AgentState;
    let is_off = agent.profile.state == AgentState::Disabled
        || agent.hours.as_ref().is_some_and(|hours| !occasion.is_open(hours));
    if is_off {
        return None;
    }
    if situation.channel != Channel::Voice {
        return Some(0.0);
    }
    let AgentLoad { calls, is_down } = availability.agent_load(place, agent);
    if is_down {
        return None;
    }
    match agent.capacity {
        Some(capacity) if calls >= capacity => None,
        Some(capacity) => Some(f64::from(calls) / f64::from(capacity)),
        None => Some(f64::from(calls)),
    }
}

impl Plan {
    /// Whether each rule matches a situation, and if not, by which of its conditions.
    pub(super) fn verdicts<'s>(
        &'s self,
        situation: &'s Situation<'s>,
    ) -> impl Iterator<Item = Result<(), Mismatch>> + 's {
        let sticky = self.sticky(situation);
        let mut occasion = Occasion::new(&self.zones, situation, sticky);
        self.rules.iter().map(move |rule| rule.when.check(&mut occasion))
    }
}
