//! Decides which rule applies, and the destination of each attempt.

use super::action::Action;
use super::caller::Situation;
use super::compile::{Plan, PlanAgent, Rule, Then};
use super::condition::{Condition, Evaluation, Mismatch};
use super::problem::PlanProblem;
use super::rule::{AskOutside, Strategy};
use super::sticky::{mixed, unit};
use crate::address::{Address, Channel};
use crate::routing::{ByOperator, PreparedRoute, Routed};
use crate::string_enum;

/// The current load and health of an agent's voice server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AgentLoad {
    /// Calls in progress.
    pub calls: u32,
    /// Whether the server is down.
    pub is_down: bool,
}

/// The current load of agents. Implementations MUST NOT block.
pub trait Availability {
    /// The load of an agent of a plan. `place` is its index in the plan.
    fn agent_load(&self, place: usize, agent: &PlanAgent) -> AgentLoad;
}

/// Every agent is up and idle.
impl Availability for () {
    fn agent_load(&self, _place: usize, _agent: &PlanAgent) -> AgentLoad {
        AgentLoad::default()
    }
}

/// The attempts made for a call, so that no destination is tried twice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tried {
    /// Agents, by their index in the plan.
    pub agents: Vec<usize>,
    /// The number of actions.
    pub actions: usize,
}

string_enum! {
    /// Why an agent of a rule is not tried.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum Skipped {
        /// It is disabled.
        Disabled = "disabled",
        /// It is outside of its hours.
        Closed = "outside_hours",
        /// Its voice server takes no calls.
        Down = "down",
        /// It has as many calls as its capacity.
        Full = "full",
        /// It has no target for the channel.
        NoTarget = "no_target",
        /// Its weight is zero.
        ZeroWeight = "zero_weight",
    }
}

/// The destination of the next attempt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Destination<'p> {
    /// An agent, with its index in the plan.
    Agent(usize, &'p PlanAgent),
    /// An action, with its index in the rule.
    Action(usize, &'p Action),
    /// No destination is left.
    Exhausted,
}

/// The rule that applies. The destinations of its fallback chain are computed one by one, when needed.
#[derive(Clone, Copy, Debug)]
pub struct Choice<'p> {
    /// The index of the rule; `None` for `otherwise`.
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
        let mut evaluation = Evaluation::new(&self.zones, situation, sticky);
        let matches = |(_, rule): &(usize, &Rule)| rule.check(&mut evaluation).is_ok();
        let rule = self.rules.iter().enumerate().find(matches);
        let (rule, then) = match rule {
            Some((place, rule)) => (Some(place), &rule.then),
            None => (None, &self.otherwise),
        };
        Choice { rule, plan: self, then, sticky }
    }

    /// The number of rules.
    pub const fn rule_count(&self) -> usize {
        self.rules.len()
    }

    pub(super) fn sticky(&self, situation: &Situation<'_>) -> u64 {
        self.key.caller(situation.caller.address, &situation.event)
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

    /// The strategy that chooses one of the agents.
    pub const fn strategy(&self) -> Strategy {
        self.then.strategy
    }

    /// Whether other calls of the same caller can be decided differently at the same time. Callers with withheld numbers
    /// cannot be distinguished, so each of their calls is drawn anew: by a share of callers, or among several agents.
    pub fn is_random(&self, situation: &Situation<'_>) -> bool {
        if !matches!(situation.caller.address, Address::Withheld) {
            return false;
        }
        let is_drawn = matches!(self.then.strategy, Strategy::Weighted | Strategy::LeastBusy)
            && self.then.agents.iter().filter(|(_, weight)| *weight > 0).nth(1).is_some();
        // A share is the last condition of a rule: it is reached if all others hold.
        let reached = self.rule.map_or(usize::MAX, |rule| rule + 1);
        let by_share = |(rule, verdict): (&Rule, Result<(), Mismatch>)| {
            verdict.err().is_none_or(|mismatch| mismatch == Mismatch::Share)
                && rule.when.iter().any(|condition| matches!(condition, Condition::Share(share, _) if share.hundredths() < 10_000))
        };
        is_drawn
            || self.plan.rules.iter().zip(self.plan.verdicts(situation)).take(reached).any(by_share)
    }

    /// The rules before the one that decides that were skipped, because they name what cannot be read, and why.
    pub fn unusable_rules(&self) -> impl Iterator<Item = (usize, &'p PlanProblem)> {
        let reached = self.rule.unwrap_or(self.plan.rules.len());
        let rules = self.plan.rules.iter().take(reached).enumerate();
        rules.filter_map(|(place, rule)| Some((place, rule.problem.as_deref()?)))
    }

    /// The agents by their index in the plan, each with its weight.
    pub fn weights(&self) -> &'p [(usize, u32)] {
        &self.then.agents
    }

    /// The agents that a decision service may choose.
    pub fn candidates(&self) -> impl Iterator<Item = (usize, &'p PlanAgent)> {
        let plan = self.plan;
        self.then.agents.iter().map(|(place, _)| (*place, &plan.agents[*place]))
    }

    /// The destination of the next attempt. The agent with the index `preferred` is tried first if it is available.
    pub fn destination(
        &self,
        situation: &Situation<'_>,
        availability: &dyn Availability,
        tried: &Tried,
        preferred: Option<usize>,
    ) -> Destination<'p> {
        let mut evaluation = Evaluation::new(&self.plan.zones, situation, self.sticky);
        let mut best: Option<(f64, usize)> = None;
        for (order, (place, weight)) in self.then.agents.iter().enumerate() {
            if tried.agents.contains(place) {
                continue;
            }
            let agent = &self.plan.agents[*place];
            let Ok(load) = load(*place, agent, situation, availability, &mut evaluation) else {
                continue;
            };
            let cost = if preferred == Some(*place) {
                f64::NEG_INFINITY
            } else {
                self.cost(order, agent, *weight, load)
            };
            // Of equal costs, the first agent wins.
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
            None => Destination::Exhausted,
        }
    }

    /// The agents of the rule that are not tried, and why.
    pub fn skipped(
        &self,
        situation: &Situation<'_>,
        availability: &dyn Availability,
    ) -> Vec<(&'p PlanAgent, Skipped)> {
        let mut evaluation = Evaluation::new(&self.plan.zones, situation, self.sticky);
        let agents = self.then.agents.iter().filter_map(|(place, weight)| {
            let agent = &self.plan.agents[*place];
            match load(*place, agent, situation, availability, &mut evaluation) {
                Err(skipped) => Some((agent, skipped)),
                Ok(_) if *weight == 0 => Some((agent, Skipped::ZeroWeight)),
                Ok(_) => None,
            }
        });
        agents.collect()
    }

    /// Agents are tried in the order of their cost; infinite means never.
    fn cost(&self, order: usize, agent: &PlanAgent, weight: u32, load: f64) -> f64 {
        if weight == 0 {
            return f64::INFINITY;
        }
        // Weighted rendezvous hashing: each agent draws a number from an exponential distribution with its weight as
        // the rate, always the same one for the same caller, and the lowest number wins. Raising a weight lowers only
        // this agent's numbers, so callers move to it and never between two other agents.
        let drawn = || -unit(mixed(self.sticky, agent.salt)).ln() / f64::from(weight);
        match self.then.strategy {
            Strategy::Weighted => drawn(),
            #[expect(clippy::cast_precision_loss, reason = "there are far fewer agents than 2^52")]
            Strategy::Priority => order as f64,
            // Among equally busy agents, the draw decides: it is scaled below the smallest difference of loads.
            Strategy::LeastBusy => load + drawn().min(1e6) * 1e-15,
        }
    }
}

/// The load of an agent: the used fraction of its capacity, or its number of calls if it has no capacity. An error if it
/// is unavailable.
fn load(
    place: usize,
    agent: &PlanAgent,
    situation: &Situation<'_>,
    availability: &dyn Availability,
    evaluation: &mut Evaluation<'_>,
) -> Result<f64, Skipped> {
    use crate::agent::AgentState;
    if agent.profile.state == AgentState::Disabled {
        return Err(Skipped::Disabled);
    }
    if agent.hours.as_ref().is_some_and(|hours| !evaluation.is_open(hours)) {
        return Err(Skipped::Closed);
    }
    if situation.channel != Channel::Voice {
        return Ok(0.0);
    }
    let AgentLoad { calls, is_down } = availability.agent_load(place, agent);
    if is_down {
        return Err(Skipped::Down);
    }
    match agent.capacity {
        Some(capacity) if calls >= capacity => Err(Skipped::Full),
        Some(capacity) => Ok(f64::from(calls) / f64::from(capacity)),
        None => Ok(f64::from(calls)),
    }
}

impl Plan {
    /// Whether each rule matches a situation, and if not, the first condition that does not hold.
    pub(super) fn verdicts<'s>(
        &'s self,
        situation: &'s Situation<'s>,
    ) -> impl Iterator<Item = Result<(), Mismatch>> + 's {
        let sticky = self.sticky(situation);
        let mut evaluation = Evaluation::new(&self.zones, situation, sticky);
        self.rules.iter().map(move |rule| rule.check(&mut evaluation))
    }
}

impl Rule {
    fn check(&self, evaluation: &mut Evaluation<'_>) -> Result<(), Mismatch> {
        if self.problem.is_some() { Err(Mismatch::Unusable) } else { self.when.check(evaluation) }
    }
}
