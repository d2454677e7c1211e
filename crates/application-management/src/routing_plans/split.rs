//! How rules with weights split their callers.

use switchboard_domain::address::Address;
use switchboard_domain::plan::{Availability, Destination, Plan, Situation, Strategy};
use switchboard_domain::routing::Routed;
use switchboard_domain::time::Timestamp;

use super::fallback_chain::{DestinationSummary, first};
use super::week::{Supposed, Week};

/// How a rule splits callers among its agents.
#[derive(Clone, Debug)]
pub struct Split {
    /// The rule; none for what happens otherwise.
    pub rule: Option<usize>,
    /// When it was asked: hours of agents count.
    pub at: Timestamp,
    /// How many callers were asked for.
    pub callers: u32,
    /// Its agents.
    pub parts: Vec<Part>,
}

/// An agent's part of the callers.
#[derive(Clone, Debug)]
pub struct Part {
    /// The agent.
    pub destination: DestinationSummary,
    /// Its weight.
    pub weight: u32,
    /// How many callers it gets.
    pub callers: u32,
}

/// Splits so many callers by each rule that has weights, at the first instant of a week at which the rule decides.
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

/// One of many callers, none of whom is anybody: the numbers behind +1 200.
fn caller(index: u32) -> Option<Address> {
    Address::parse(&format!("+1200{:07}", u64::from(index))).ok()
}
