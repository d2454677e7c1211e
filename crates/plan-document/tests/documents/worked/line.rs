//! What becomes of one line of a table.

use std::collections::BTreeMap;

use switchboard_domain::address::Address;
use switchboard_domain::plan::{Caller, Choice, Destination, Plan, Situation, Tried};
use switchboard_domain::ports::PlanReader;
use switchboard_domain::routing::Routed;
use switchboard_plan_document::PlanDocuments;

use super::house::House;
use super::page::{Row, Worked};
use super::situation::{Told, shown};

/// Whose clocks a plan without a zone is told by.
const UTC: &str = "Etc/UTC";
/// How many callers stand for many.
const MANY: u64 = 10_000;
/// Why many callers are split.
const SPLIT: &str = "by weight; the same caller always reaches the same agent";

/// The line as it comes out: equal to the one that is given if the page is right.
pub(super) fn outcome(house: &House, plan: &Plan, worked: &Worked, row: &Row) -> Row {
    let zone = zone(worked);
    if let Some(situation) = row.situation.strip_prefix("10,000 callers, each a ") {
        let told = Told::parse(situation, Some(house), &zone);
        let answers = split(plan, &told.situation(), &row.answers);
        return Row { answers, why: SPLIT.to_owned(), ..row.clone() };
    }
    let told = Told::parse(&row.situation, Some(house), &zone);
    let situation = told.situation();
    let explained = Routed::for_explanation(None).explain(plan, &situation, &told);
    let choice = Routed::for_explanation(None).choose(plan, &situation);
    assert_eq!(explained.decided, choice.rule);
    let until = explained.next.map(|turn| shown(turn.at, &zone));
    Row {
        situation: row.situation.clone(),
        answers: fallback_chain(&choice, plan, &told).join(", then "),
        why: why(plan, &explained.rules, choice.rule),
        until: row.until.as_ref().map(|_| until.unwrap_or_else(|| "always".to_owned())),
    }
}

/// The rules that decide in this line.
pub(super) fn decided(plan: &Plan, worked: &Worked, row: &Row) -> Vec<usize> {
    let zone = zone(worked);
    if let Some(situation) = row.situation.strip_prefix("10,000 callers, each a ") {
        let told = Told::parse(situation, None, &zone);
        let situation = told.situation();
        return many(&situation, |situation| {
            Routed::for_explanation(None).choose(plan, situation).rule
        })
        .into_keys()
        .flatten()
        .collect();
    }
    let told = Told::parse(&row.situation, None, &zone);
    Routed::for_explanation(None).choose(plan, &told.situation()).rule.into_iter().collect()
}

fn zone(worked: &Worked) -> String {
    let zone = PlanDocuments.plan(&worked.json).unwrap().zone;
    zone.map_or(UTC.to_owned(), |zone| zone.as_str().to_owned())
}

fn name(attempt: Destination<'_>) -> Option<String> {
    match attempt {
        Destination::Agent(_, agent) => Some(agent.profile.name.as_str().to_owned()),
        Destination::Action(_, action) => Some(action.as_str().to_owned()),
        Destination::Nobody => None,
    }
}

/// Who takes it, and who next, if each in turn fails.
fn fallback_chain(choice: &Choice<'_>, plan: &Plan, told: &Told) -> Vec<String> {
    let preferred =
        told.chosen.as_ref().and_then(|id| plan.agents().iter().position(|agent| agent.id == *id));
    let mut tried = Tried::default();
    let mut fallback_chain = Vec::new();
    loop {
        let attempt = choice.destination(&told.situation(), told, &tried, preferred);
        match attempt {
            Destination::Agent(place, _) => tried.agents.push(place),
            Destination::Action(place, _) => tried.actions = place + 1,
            Destination::Nobody => return fallback_chain,
        }
        fallback_chain.extend(name(attempt));
    }
}

/// The rule that decides, and why none before it does.
fn why(
    plan: &Plan,
    verdicts: &[switchboard_domain::plan::RuleVerdict],
    decided: Option<usize>,
) -> String {
    let named = |rule: usize| plan.rule_name(rule).unwrap_or("a rule without a name").to_owned();
    let outcome = decided.map_or_else(|| "otherwise".to_owned(), named);
    let before = decided.unwrap_or(verdicts.len());
    let passed: Vec<_> = verdicts[..before]
        .iter()
        .enumerate()
        .map(|(rule, verdict)| {
            format!("{}: {}", named(rule), verdict.mismatch.unwrap().explanation())
        })
        .collect();
    if passed.is_empty() { outcome } else { format!("{outcome} ({})", passed.join("; ")) }
}

/// What comes out for many callers, and how often.
fn many<T: Ord>(
    situation: &Situation<'_>,
    mut outcome: impl FnMut(&Situation<'_>) -> T,
) -> BTreeMap<T, u64> {
    let mut counts = BTreeMap::new();
    for index in 0..MANY {
        let address = Address::parse(&format!("+1{}", 2_000_000_000 + index)).unwrap();
        let caller = Caller { address: &address, ..situation.caller };
        *counts.entry(outcome(&Situation { caller, ..*situation })).or_default() += 1;
    }
    counts
}

/// Who gets which part of many callers: what the page says, if it is right within one percent of all of them.
fn split(plan: &Plan, situation: &Situation<'_>, said: &str) -> String {
    let counts = many(situation, |situation| {
        name(Routed::for_explanation(None).choose(plan, situation).destination(
            situation,
            &(),
            &Tried::default(),
            None,
        ))
        .unwrap()
    });
    let expected: BTreeMap<&str, u64> = said
        .split(", ")
        .filter_map(|part| part.strip_suffix(" %")?.rsplit_once(' '))
        .map(|(name, percent)| (name, percent.parse::<u64>().unwrap() * MANY / 100))
        .collect();
    let is_right = counts.len() == expected.len()
        && counts.iter().all(|(name, count)| {
            expected.get(name.as_str()).is_some_and(|said| said.abs_diff(*count) <= MANY / 100)
        });
    if is_right { said.to_owned() } else { format!("{counts:?}") }
}
