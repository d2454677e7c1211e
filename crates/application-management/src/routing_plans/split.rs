//! Computes how rules with weights split their callers.

use switchboard_domain::address::Address;
use switchboard_domain::plan::{Availability, Destination, Plan, Situation, Strategy};
use switchboard_domain::routing::Routed;
use switchboard_domain::time::Timestamp;

use super::fallback_chain::{DestinationSummary, first};
use super::week::{Supposed, Week};

/// The split of callers among the agents of a rule.
#[derive(Clone, Debug)]
pub struct Split {
    /// The rule, or `None` for `otherwise`.
    pub rule: Option<usize>,
    /// The time of the decision, which matters for the hours of agents.
    pub at: Timestamp,
    /// The number of sampled callers.
    pub callers: u32,
    /// The agents with their shares.
    pub parts: Vec<Part>,
}

/// The share of one agent.
#[derive(Clone, Debug)]
pub struct Part {
    /// The agent that gets this share of the calls.
    pub destination: DestinationSummary,
    /// The weight in the rule.
    pub weight: u32,
    /// The number of callers that reach it.
    pub callers: u32,
}

/// Splits sampled callers by each rule with weights, at the first time of a week at which the rule decides.
pub fn split_by_weight(
    plan: &Plan,
    week: &Week,
    supposed: &Supposed,
    callers: u32,
    availability: &dyn Availability,
) -> Vec<Split> {
    let addresses: Vec<Address> = (0..callers).filter_map(caller).collect();
    let rules = (0..plan.rule_count()).map(Some).chain([None]);
    let split = |rule: Option<usize>| {
        let at = week.first_of(rule).or_else(|| week.begin())?;
        let situation = supposed.at(at);
        let choice = Routed::for_explanation(None).choose_by(plan, rule, &situation)?;
        if choice.strategy() != Strategy::Weighted || choice.weights().len() < 2 {
            return None;
        }
        let mut counts = vec![0_u32; choice.weights().len()];
        for address in &addresses {
            let situation = Situation { caller: supposed.facts.caller(address), ..situation };
            let Some(choice) = Routed::for_explanation(None).choose_by(plan, rule, &situation)
            else {
                continue;
            };
            if let Destination::Agent(place, _) = first(&choice, &situation, availability)
                && let Some(index) = choice.weights().iter().position(|(known, _)| *known == place)
            {
                counts[index] += 1;
            }
        }
        let agents = plan.agents();
        let parts = choice.weights().iter().zip(counts).map(|((place, weight), callers)| Part {
            destination: DestinationSummary::of(&Destination::Agent(*place, &agents[*place])),
            weight: *weight,
            callers,
        });
        Some(Split { rule, at, callers, parts: parts.collect() })
    };
    rules.filter_map(split).collect()
}

/// A sampled caller. The area code 200 is not in use, so the number belongs to nobody.
fn caller(index: u32) -> Option<Address> {
    Address::parse(&format!("+1200{:07}", u64::from(index))).ok()
}
