//! Explains a decision, rule by rule.

use super::caller::Situation;
use super::choice::{Availability, Destination, Tried};
use super::compile::Plan;
use super::condition::Mismatch;
use super::forecast::{NextChange, next_change};
use super::problem::PlanProblem;
use crate::routing::{ByOperator, PreparedRoute, Routed};

/// Whether one rule matched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleVerdict {
    /// The rule's name; `None` if it has none.
    pub name: Option<String>,
    /// The first condition that does not hold; `None` if the rule matches.
    pub mismatch: Option<Mismatch>,
    /// Why the rule is skipped whatever happens; `None` if it can decide.
    pub problem: Option<PlanProblem>,
}

/// Why a plan decided as it did.
#[derive(Clone, Debug)]
pub struct Explanation<'p> {
    /// Every rule in order, including those after the one that decided.
    pub rules: Vec<RuleVerdict>,
    /// The index of the rule that decided; `None` for `otherwise`.
    pub decided: Option<usize>,
    /// All destinations of the fallback chain, in order, as if each attempt failed.
    pub fallback_chain: Vec<Destination<'p>>,
    /// The next change of the decision that only the time causes; `None` if there is none within a year.
    pub next: Option<NextChange>,
}

impl Routed<&PreparedRoute, ByOperator> {
    /// Explains what [`Routed::choose`] would choose.
    pub fn explain<'p>(
        &self,
        plan: &'p Plan,
        situation: &Situation<'_>,
        availability: &dyn Availability,
    ) -> Explanation<'p> {
        plan.explain(situation, availability)
    }
}

impl Plan {
    pub(super) fn explain<'p>(
        &'p self,
        situation: &Situation<'_>,
        availability: &dyn Availability,
    ) -> Explanation<'p> {
        let rules = self.verdicts(situation).zip(&self.rules).map(|(verdict, rule)| RuleVerdict {
            name: rule.name.as_ref().map(|name| name.as_str().to_owned()),
            mismatch: verdict.err(),
            problem: rule.problem.as_deref().cloned(),
        });
        let rules = rules.collect();
        let choice = self.choose(situation);
        let mut fallback_chain = Vec::new();
        let mut tried = Tried::default();
        loop {
            let destination = choice.destination(situation, availability, &tried, None);
            match destination {
                Destination::Agent(place, _) => tried.agents.push(place),
                Destination::Action(place, _) => tried.actions = place + 1,
                Destination::Exhausted => break,
            }
            fallback_chain.push(destination);
        }
        Explanation {
            rules,
            decided: choice.rule,
            fallback_chain,
            next: next_change(self, situation, availability),
        }
    }
}
