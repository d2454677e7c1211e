//! The decision of a routing plan, as it is printed.

use std::fmt;

use serde::Serialize;
use switchboard_application_management::routing_plans::{
    Attached, NextTurn, PlanExplanation, SkippedAgent,
};
use switchboard_domain::plan::{RuleVerdict, Skipped};

use super::{DestinationView, instant};
use crate::command_line::route::document::line as plan_problem;

/// A plan's decision.
#[derive(Debug, Serialize)]
pub(in crate::command_line) struct DecidedView {
    id: String,
    name: String,
    version: u32,
    /// What the plan is attached to: `number`, `account` or `organization`.
    attached_to: &'static str,
    /// The rule that decides; `None` for `otherwise`.
    rule: Option<RuleView>,
    pub(in crate::command_line) rules: Vec<VerdictView>,
    /// The destinations, tried one after another.
    pub(in crate::command_line) fallback_chain: Vec<DestinationView>,
    /// Whether each call of this caller is decided at random, because its number is withheld.
    pub(in crate::command_line) random: bool,
    /// The agents of the rule that are not tried.
    pub(in crate::command_line) skipped: Vec<SkippedView>,
    /// The decision service that may put another agent first.
    pub(in crate::command_line) asks: Option<String>,
    pub(in crate::command_line) next: Option<NextView>,
    /// What the plan names and cannot be read. Rules that name it are skipped.
    pub(in crate::command_line) problems: Vec<String>,
}

/// A rule, by its place from zero and its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(in crate::command_line) struct RuleView {
    index: usize,
    name: Option<String>,
}

/// A rule, and whether it matches.
#[derive(Debug, Serialize)]
pub(in crate::command_line) struct VerdictView {
    index: usize,
    name: Option<String>,
    matches: bool,
    decides: bool,
    /// The condition that does not hold.
    mismatch: Option<&'static str>,
    /// The same in words.
    explanation: Option<&'static str>,
    /// Why the rule is skipped.
    problem: Option<String>,
}

/// What changes next by the clock alone.
#[derive(Debug, Serialize)]
pub(in crate::command_line) struct NextView {
    at: String,
    time_zone: String,
    /// What clocks there show.
    shown: String,
    rule: Option<RuleView>,
    destination: DestinationView,
}

impl DecidedView {
    pub(in crate::command_line) fn of(plan: &PlanExplanation) -> Self {
        let name = |rule: usize| plan.rules.get(rule).and_then(|rule| rule.name.clone());
        let rule = |rule: Option<usize>| rule.map(|rule| RuleView::of(rule, name(rule)));
        Self {
            id: plan.id.to_string(),
            name: plan.name.as_str().to_owned(),
            version: plan.version,
            attached_to: match plan.attached {
                Attached::Number => "number",
                Attached::Account => "account",
                Attached::Organization => "organization",
            },
            rule: rule(plan.decided),
            rules: plan
                .rules
                .iter()
                .enumerate()
                .map(|(index, verdict)| VerdictView::of(index, verdict, plan.decided))
                .collect(),
            fallback_chain: plan.fallback_chain.iter().map(DestinationView::of).collect(),
            random: plan.is_random,
            skipped: plan.skipped.iter().map(SkippedView::of).collect(),
            asks: plan.asks.as_ref().map(|url| url.as_str().to_owned()),
            next: plan.next.as_ref().map(|next| NextView::of(next, rule(next.rule))),
            problems: plan.problems.iter().map(plan_problem).collect(),
        }
    }
}

#[cfg(feature = "simulator")]
impl DecidedView {
    /// The result if the plan rejects the call after an agent whose connection failed.
    pub(in crate::command_line) fn late_reject(&self) -> Option<String> {
        let mut later = self.fallback_chain.iter().skip(1);
        later.find_map(|next| Some(format!("{next}: {}", next.if_answered()?)))
    }
}

/// An agent that is not tried.
#[derive(Debug, Serialize)]
pub(in crate::command_line) struct SkippedView {
    agent_id: String,
    agent_name: String,
    /// Why: `disabled`, `outside_hours`, `down`, `full`, `no_target` or `zero_weight`.
    reason: &'static str,
    /// The same in words.
    explanation: &'static str,
}

impl SkippedView {
    fn of(skipped: &SkippedAgent) -> Self {
        Self {
            agent_id: skipped.id.to_string(),
            agent_name: skipped.name.as_str().to_owned(),
            reason: skipped.why.as_str(),
            explanation: match skipped.why {
                Skipped::Disabled => "it is disabled",
                Skipped::Closed => "it is outside of its hours",
                Skipped::Down => "its voice server is down",
                Skipped::Full => "it has as many calls as its capacity",
                Skipped::NoTarget => "it has no target for this channel",
                Skipped::ZeroWeight => "its weight is 0",
            },
        }
    }
}

impl fmt::Display for SkippedView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { agent_name, agent_id, explanation, .. } = self;
        write!(f, "skipped: agent {agent_name} ({agent_id}), {explanation}")
    }
}

impl RuleView {
    pub(in crate::command_line) const fn of(index: usize, name: Option<String>) -> Self {
        Self { index, name }
    }

    /// A rule, or what happens otherwise.
    pub(in crate::command_line) fn named(rule: Option<&Self>) -> String {
        rule.map_or_else(|| "otherwise".to_owned(), ToString::to_string)
    }
}

impl VerdictView {
    fn of(index: usize, verdict: &RuleVerdict, decided: Option<usize>) -> Self {
        Self {
            index,
            name: verdict.name.clone(),
            matches: verdict.mismatch.is_none(),
            decides: decided == Some(index),
            mismatch: verdict.mismatch.map(switchboard_domain::plan::Mismatch::as_str),
            explanation: verdict.mismatch.map(switchboard_domain::plan::Mismatch::explanation),
            problem: verdict.problem.as_ref().map(plan_problem),
        }
    }
}

impl NextView {
    fn of(next: &NextTurn, rule: Option<RuleView>) -> Self {
        let (date, minute) = next.shown;
        Self {
            at: instant(next.at),
            time_zone: next.zone.clone(),
            shown: format!("{date} {minute}"),
            rule,
            destination: DestinationView::of(&next.destination),
        }
    }
}

impl fmt::Display for RuleView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rule {}", self.index + 1)?;
        self.name.iter().try_for_each(|name| write!(f, " {name:?}"))
    }
}

impl fmt::Display for VerdictView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rule = RuleView::of(self.index, self.name.clone());
        if let Some(problem) = &self.problem {
            return write!(f, "{rule} is skipped: {problem}");
        }
        match self.explanation {
            _ if self.decides => write!(f, "{rule} matches and decides"),
            None => write!(f, "{rule} matches too, but is not reached"),
            Some(why) => write!(f, "{rule} does not match: {why}"),
        }
    }
}

/// `America/New_York` is New York time.
impl fmt::Display for NextView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at, time_zone, shown, rule, destination } = self;
        let place = time_zone.rsplit('/').next().unwrap_or(time_zone).replace('_', " ");
        write!(
            f,
            "at {shown} {place} time, {at}: {destination}, by {}",
            RuleView::named(rule.as_ref())
        )
    }
}

/// In one line: the plan and the rule.
impl fmt::Display for DecidedView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, name, version, attached_to, rule, fallback_chain, .. } = self;
        write!(
            f,
            "routing plan {name} ({id}), version {version}, attached to the {attached_to}: {} → ",
            RuleView::named(rule.as_ref())
        )?;
        match fallback_chain.first() {
            Some(destination) => destination.fmt(f),
            None => f.write_str("no destination"),
        }
    }
}
