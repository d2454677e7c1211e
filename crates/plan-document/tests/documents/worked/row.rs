//! Evaluates one row of a table.

use std::collections::BTreeMap;

use switchboard_domain::address::Address;
use switchboard_domain::plan::{Caller, Choice, Destination, Plan, Situation, Tried};
use switchboard_domain::ports::PlanCodec;
use switchboard_domain::routing::Routed;
use switchboard_plan_document::PlanDocuments;

use super::fixture::Fixture;
use super::page::{Row, Worked};
use super::situation::{GivenSituation, shown};

/// The time zone of plans that have none.
const UTC: &str = "Etc/UTC";
/// The number of callers for a split by weight.
const MANY: u64 = 10_000;
/// The reason that the page gives for a split.
const SPLIT: &str = "by weight; the same caller always reaches the same agent";

/// The row with what the plan decides: equal to the given one if the page is right.
pub(super) fn outcome(fixture: &Fixture, plan: &Plan, worked: &Worked, row: &Row) -> Row {
    let zone = zone(worked);
    if let Some(situation) = row.situation.strip_prefix("10,000 callers, each a ") {
        let given = GivenSituation::parse(situation, Some(fixture), &zone);
        let answers = split(plan, &given.situation(), &row.answers);
        return Row { answers, why: SPLIT.to_owned(), ..row.clone() };
    }
    let given = GivenSituation::parse(&row.situation, Some(fixture), &zone);
    let situation = given.situation();
    let explained = Routed::for_explanation(None).explain(plan, &situation, &given);
    let choice = Routed::for_explanation(None).choose(plan, &situation);
    assert_eq!(explained.decided, choice.rule);
    let until = explained.next.map(|turn| shown(turn.at, &zone));
    Row {
        situation: row.situation.clone(),
        answers: fallback_chain(&choice, plan, &given).join(", then "),
        why: why(plan, &explained.rules, choice.rule),
        until: row.until.as_ref().map(|_| until.unwrap_or_else(|| "always".to_owned())),
    }
}

/// The rules that decide in this row.
pub(super) fn decided(plan: &Plan, worked: &Worked, row: &Row) -> Vec<usize> {
    let zone = zone(worked);
    if let Some(situation) = row.situation.strip_prefix("10,000 callers, each a ") {
        let given = GivenSituation::parse(situation, None, &zone);
        let situation = given.situation();
        return many(&situation, |situation| {
            Routed::for_explanation(None).choose(plan, situation).rule
        })
        .into_keys()
        .flatten()
        .collect();
    }
    let given = GivenSituation::parse(&row.situation, None, &zone);
    Routed::for_explanation(None).choose(plan, &given.situation()).rule.into_iter().collect()
}

fn zone(worked: &Worked) -> String {
    let zone = PlanDocuments.plan(&worked.json.as_str().into()).unwrap().zone;
    zone.map_or(UTC.to_owned(), |zone| zone.as_str().to_owned())
}

fn name(attempt: Destination<'_>) -> Option<String> {
    match attempt {
        Destination::Agent(_, agent) => Some(agent.profile.name.as_str().to_owned()),
        Destination::Action(_, action) => Some(action.as_str().to_owned()),
        Destination::Exhausted => None,
    }
}

/// The names of all destinations, as if each attempt failed.
fn fallback_chain(choice: &Choice<'_>, plan: &Plan, given: &GivenSituation) -> Vec<String> {
    let preferred =
        given.chosen.as_ref().and_then(|id| plan.agents().iter().position(|agent| agent.id == *id));
    let mut tried = Tried::default();
    let mut fallback_chain = Vec::new();
    loop {
        let attempt = choice.destination(&given.situation(), given, &tried, preferred);
        match attempt {
            Destination::Agent(place, _) => tried.agents.push(place),
            Destination::Action(place, _) => tried.actions = place + 1,
            Destination::Exhausted => return fallback_chain,
        }
        fallback_chain.extend(name(attempt));
    }
}

/// The rule that decides, and why the rules before it do not match.
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

/// Each outcome for many callers, with its count.
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

/// The split of many callers: the text of the page if it is right within one percent.
fn split(plan: &Plan, situation: &Situation<'_>, expected_text: &str) -> String {
    let counts = many(situation, |situation| {
        name(Routed::for_explanation(None).choose(plan, situation).destination(
            situation,
            &(),
            &Tried::default(),
            None,
        ))
        .unwrap()
    });
    let expected: BTreeMap<&str, u64> = expected_text
        .split(", ")
        .filter_map(|part| part.strip_suffix(" %")?.rsplit_once(' '))
        .map(|(name, percent)| (name, percent.parse::<u64>().unwrap() * MANY / 100))
        .collect();
    let is_right = counts.len() == expected.len()
        && counts.iter().all(|(name, count)| {
            expected
                .get(name.as_str())
                .is_some_and(|expected_text| expected_text.abs_diff(*count) <= MANY / 100)
        });
    if is_right { expected_text.to_owned() } else { format!("{counts:?}") }
}
