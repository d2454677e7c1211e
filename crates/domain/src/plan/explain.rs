//! Why it came out as it did, rule by rule.

use super::caller::Situation;
use super::choice::{Availability, Destination, Tried};
use super::compile::Plan;
use super::condition::Mismatch;
use super::forecast::{Turn, next_turn};
use crate::routing::{ByOperator, PreparedRoute, Routed};

/// What became of one rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleVerdict {
    /// Its name, if it has one.
    pub name: Option<String>,
    /// The condition that does not hold; none if all do.
    pub mismatch: Option<Mismatch>,
}

/// Why a choice came out as it did.
#[derive(Clone, Debug)]
pub struct Explanation<'p> {
    /// Every rule, in order, also those behind the one that decided.
    pub rules: Vec<RuleVerdict>,
    /// The rule that decided; none for what happens otherwise.
    pub decided: Option<usize>,
    /// The whole fallback chain: who takes it, who next, if each in turn fails.
    pub fallback_chain: Vec<Destination<'p>>,
    /// What changes next by the clock alone.
    pub next: Option<Turn>,
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
                Destination::Nobody => break,
            }
            fallback_chain.push(destination);
        }
        Explanation {
            rules,
            decided: choice.rule,
            fallback_chain,
            next: next_turn(self, situation, availability),
        }
    }
}
