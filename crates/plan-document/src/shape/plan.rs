//! The plan, its rules and their conditions.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Number;
use switchboard_domain::plan::{PlanSpec, RuleSpec, Share, WhenSpec};

use super::caller::Caller;
use super::schedule::Schedule;
use super::texts::{Name, PhoneNumber, TimeZone};
use super::then::Then;
use super::words::{ATTESTATIONS, CHANNELS};

/// A routing plan: rules that are tried in their order. The first one whose conditions all hold decides.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Plan<'a> {
    /// The URL of this schema, for editors; it has no meaning otherwise, and is not kept.
    #[serde(rename = "$schema", skip_serializing_if = "Option::is_none")]
    schema: Option<&'a str>,
    /// What people call the plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<Name<'a>>,
    /// Whose clocks count in schedules without a time zone of their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    time_zone: Option<TimeZone<'a>>,
    /// The rules, at most 1,000, in the order in which they are tried.
    #[serde(skip_serializing_if = "super::is_empty")]
    rules: Vec<Rule<'a>>,
    /// What happens where no rule matches.
    otherwise: Then<'a>,
}

/// A rule: when all of this holds, then that happens.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Rule<'a> {
    /// What people call the rule. A rule with a name keeps its share of callers when rules are put before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<Name<'a>>,
    /// The conditions; a rule without any matches always.
    #[serde(skip_serializing_if = "Option::is_none")]
    when: Option<When<'a>>,
    /// What happens.
    then: Then<'a>,
}

/// Conditions. All that are given must hold.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct When<'a> {
    /// By one of these channels.
    #[serde(skip_serializing_if = "Option::is_none")]
    channels: Option<Vec<Channel>>,
    /// At such a time.
    #[serde(skip_serializing_if = "Option::is_none")]
    schedule: Option<Schedule<'a>>,
    /// From such a caller.
    #[serde(skip_serializing_if = "Option::is_none")]
    caller: Option<Caller<'a>>,
    /// The caller's carrier vouches for the number at least so far (STIR/SHAKEN): A for caller and number, B for the
    /// caller, C for neither.
    #[serde(skip_serializing_if = "Option::is_none")]
    attestation: Option<Attestation>,
    /// To one of these numbers, where the plan serves several.
    #[serde(skip_serializing_if = "Option::is_none")]
    called: Option<Vec<PhoneNumber<'a>>>,
    /// For this part of all callers, always the same ones, in percent with at most two decimals.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "f64", range(min = 0.01, max = 100))]
    share_percent: Option<Number>,
}

/// A channel by which somebody calls or writes.
#[derive(Serialize, JsonSchema)]
#[serde(transparent)]
#[schemars(extend("enum" = CHANNELS))]
struct Channel(&'static str);

/// How far the caller's carrier vouches for the number.
#[derive(Serialize, JsonSchema)]
#[serde(transparent)]
#[schemars(extend("enum" = ATTESTATIONS))]
struct Attestation(&'static str);

impl<'a> From<&'a PlanSpec> for Plan<'a> {
    fn from(plan: &'a PlanSpec) -> Self {
        Self {
            schema: None,
            name: plan.name.as_ref().map(|name| Name(name.as_str())),
            time_zone: plan.zone.as_ref().map(|zone| TimeZone(zone.as_str())),
            rules: plan.rules.iter().map(Rule::from).collect(),
            otherwise: Then::from(&plan.otherwise),
        }
    }
}

impl<'a> From<&'a RuleSpec> for Rule<'a> {
    fn from(rule: &'a RuleSpec) -> Self {
        let is_always = rule.when == WhenSpec::default();
        Self {
            name: rule.name.as_ref().map(|name| Name(name.as_str())),
            when: (!is_always).then(|| When::from(&rule.when)),
            then: Then::from(&rule.then),
        }
    }
}

impl<'a> From<&'a WhenSpec> for When<'a> {
    fn from(when: &'a WhenSpec) -> Self {
        let WhenSpec { channels, schedule, caller, attestation, called, share } = when;
        Self {
            channels: channels
                .as_ref()
                .map(|channels| channels.iter().map(|channel| Channel(channel.as_str())).collect()),
            schedule: schedule.as_ref().map(Schedule::from),
            caller: (!caller.is_anybody()).then(|| Caller::from(caller)),
            attestation: attestation.map(|level| Attestation(level.as_str())),
            called: called
                .as_ref()
                .map(|numbers| numbers.iter().map(|number| PhoneNumber(number.as_str())).collect()),
            share_percent: share.and_then(percent),
        }
    }
}

/// Whole percents without decimals.
fn percent(share: Share) -> Option<Number> {
    let hundredths = share.hundredths();
    if hundredths.is_multiple_of(100) {
        Some(Number::from(hundredths / 100))
    } else {
        Number::from_f64(f64::from(hundredths) / 100.0)
    }
}
