//! The decision of a routing plan as JSON.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};
use switchboard_application_management::routing_plans::{
    Attached, NextTurn, PlanExplanation, SkippedAgent,
};
use switchboard_domain::plan::{Mismatch, RuleVerdict, Skipped};
use utoipa::ToSchema;

use super::{DestinationObject, instant};
use crate::wording::Wording;

/// A plan's decision.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = PlanDecision)]
pub struct DecidedObject {
    /// The id of the plan.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its newest version, which decides.
    pub version: u32,
    /// What the plan is attached to: `number`, `account` or `organization`.
    pub attached_to: Cow<'static, str>,
    /// The rule that decides; `null` for `otherwise`.
    #[schema(required)]
    pub rule: Option<RuleObject>,
    /// All rules, in their order.
    pub rules: Vec<VerdictObject>,
    /// The destinations, tried one after another.
    pub fallback_chain: Vec<DestinationObject>,
    /// Whether each call of this caller is decided at random, because its number is withheld.
    pub random: bool,
    /// The agents of the rule that are not tried.
    pub skipped: Vec<SkippedObject>,
    /// The decision service that may put another agent first.
    #[schema(required)]
    pub asks: Option<String>,
    /// What changes next by the clock alone.
    #[schema(required)]
    pub next: Option<NextObject>,
    /// What the plan names and cannot be read. Rules that name it are skipped.
    pub problems: Vec<String>,
}

/// A rule, by its place from zero and its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Rule)]
pub struct RuleObject {
    /// Its place from zero.
    pub index: usize,
    /// Its name.
    #[schema(required)]
    pub name: Option<String>,
}

/// A rule, and whether it matches.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = RuleVerdict)]
pub struct VerdictObject {
    /// Its place from zero.
    pub index: usize,
    /// Its name.
    #[schema(required)]
    pub name: Option<String>,
    /// Whether all of its conditions hold.
    pub matches: bool,
    /// Whether it decides: it is the first that matches.
    pub decides: bool,
    /// The condition that does not hold.
    #[schema(required)]
    pub mismatch: Option<Cow<'static, str>>,
    /// The same in words.
    #[schema(required)]
    pub explanation: Option<Cow<'static, str>>,
    /// Why the rule is skipped.
    #[schema(required)]
    pub problem: Option<String>,
}

/// What changes next by the clock alone.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = NextChange)]
pub struct NextObject {
    /// When.
    #[schema(format = DateTime)]
    pub at: String,
    /// The time zone of the rule.
    pub time_zone: String,
    /// What clocks there show.
    pub shown: String,
    /// The rule that decides then; `null` for `otherwise`.
    #[schema(required)]
    pub rule: Option<RuleObject>,
    /// The destination then.
    pub destination: DestinationObject,
}

impl DecidedObject {
    /// Renders a decision.
    pub fn of(plan: &PlanExplanation, wording: &dyn Wording) -> Self {
        let name = |rule: usize| plan.rules.get(rule).and_then(|rule| rule.name.clone());
        let rule = |rule: Option<usize>| rule.map(|rule| RuleObject::of(rule, name(rule)));
        Self {
            id: plan.id.to_string(),
            name: plan.name.as_str().to_owned(),
            version: plan.version,
            attached_to: Cow::Borrowed(match plan.attached {
                Attached::Number => "number",
                Attached::Account => "account",
                Attached::Organization => "organization",
            }),
            rule: rule(plan.decided),
            rules: plan
                .rules
                .iter()
                .enumerate()
                .map(|(index, verdict)| VerdictObject::of(index, verdict, plan.decided, wording))
                .collect(),
            fallback_chain: plan.fallback_chain.iter().map(DestinationObject::of).collect(),
            random: plan.is_random,
            skipped: plan.skipped.iter().map(SkippedObject::of).collect(),
            asks: plan.asks.as_ref().map(|url| url.as_str().to_owned()),
            next: plan.next.as_ref().map(|next| NextObject::of(next, rule(next.rule))),
            problems: plan.problems.iter().map(|one| wording.plan_problem(one)).collect(),
        }
    }

    /// The result if the plan rejects the call after an agent whose connection failed.
    pub fn late_reject(&self) -> Option<String> {
        let mut later = self.fallback_chain.iter().skip(1);
        later.find_map(|next| Some(format!("{next}: {}", next.if_answered()?)))
    }
}

/// An agent that is not tried.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = SkippedAgent)]
pub struct SkippedObject {
    /// Its id.
    pub agent_id: String,
    /// Its name.
    pub agent_name: String,
    /// Why: `disabled`, `outside_hours`, `down`, `full`, `no_target` or `zero_weight`.
    pub reason: Cow<'static, str>,
    /// The same in words.
    pub explanation: Cow<'static, str>,
}

impl SkippedObject {
    fn of(skipped: &SkippedAgent) -> Self {
        Self {
            agent_id: skipped.id.to_string(),
            agent_name: skipped.name.as_str().to_owned(),
            reason: skipped.why.as_str().into(),
            explanation: Cow::Borrowed(match skipped.why {
                Skipped::Disabled => "it is disabled",
                Skipped::Closed => "it is outside of its hours",
                Skipped::Down => "its voice server is down",
                Skipped::Full => "it has as many calls as its capacity",
                Skipped::NoTarget => "it has no target for this channel",
                Skipped::ZeroWeight => "its weight is 0",
            }),
        }
    }
}

impl fmt::Display for SkippedObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { agent_name, agent_id, explanation, .. } = self;
        write!(f, "skipped: agent {agent_name} ({agent_id}), {explanation}")
    }
}

impl RuleObject {
    /// Renders a rule.
    pub const fn of(index: usize, name: Option<String>) -> Self {
        Self { index, name }
    }

    /// A rule, or what happens otherwise.
    pub fn named(rule: Option<&Self>) -> String {
        rule.map_or_else(|| "otherwise".to_owned(), ToString::to_string)
    }
}

impl VerdictObject {
    fn of(
        index: usize,
        verdict: &RuleVerdict,
        decided: Option<usize>,
        wording: &dyn Wording,
    ) -> Self {
        Self {
            index,
            name: verdict.name.clone(),
            matches: verdict.mismatch.is_none(),
            decides: decided == Some(index),
            mismatch: verdict.mismatch.map(Mismatch::as_str).map(Cow::Borrowed),
            explanation: verdict.mismatch.map(Mismatch::explanation).map(Cow::Borrowed),
            problem: verdict.problem.as_ref().map(|problem| wording.plan_problem(problem)),
        }
    }
}

impl NextObject {
    fn of(next: &NextTurn, rule: Option<RuleObject>) -> Self {
        let (date, minute) = next.shown;
        Self {
            at: instant(next.at),
            time_zone: next.zone.clone(),
            shown: format!("{date} {minute}"),
            rule,
            destination: DestinationObject::of(&next.destination),
        }
    }
}

impl fmt::Display for RuleObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rule {}", self.index + 1)?;
        self.name.iter().try_for_each(|name| write!(f, " {name:?}"))
    }
}

impl fmt::Display for VerdictObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rule = RuleObject::of(self.index, self.name.clone());
        if let Some(problem) = &self.problem {
            return write!(f, "{rule} is skipped: {problem}");
        }
        match &self.explanation {
            _ if self.decides => write!(f, "{rule} matches and decides"),
            None => write!(f, "{rule} matches too, but is not reached"),
            Some(why) => write!(f, "{rule} does not match: {why}"),
        }
    }
}

/// `America/New_York` is New York time.
impl fmt::Display for NextObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at, time_zone, shown, rule, destination } = self;
        let place = time_zone.rsplit('/').next().unwrap_or(time_zone).replace('_', " ");
        write!(
            f,
            "at {shown} {place} time, {at}: {destination}, by {}",
            RuleObject::named(rule.as_ref())
        )
    }
}

/// In one line: the plan and the rule.
impl fmt::Display for DecidedObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, name, version, attached_to, rule, fallback_chain, .. } = self;
        write!(
            f,
            "routing plan {name} ({id}), version {version}, attached to the {attached_to}: {} → ",
            RuleObject::named(rule.as_ref())
        )?;
        match fallback_chain.first() {
            Some(destination) => destination.fmt(f),
            None => f.write_str("no destination"),
        }
    }
}
