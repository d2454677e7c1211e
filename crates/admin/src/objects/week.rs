//! A week of a routing plan as JSON.

use serde::Serialize;
use switchboard_application_management::routing_plans::{Cell, Simulated, Split, Supposed};
use switchboard_domain::plan::{Plan, Zone};
use utoipa::ToSchema;

use super::{DestinationObject, RuleObject, instant};

/// The letters of destinations, in the order of appearance.
const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/// The letter of all further destinations.
const MORE: char = '#';

/// Who answers one caller in each half hour of some days, and how rules split callers.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Week)]
pub struct WeekObject {
    /// The name of the plan.
    pub plan: String,
    /// The time zone of the days.
    pub time_zone: String,
    /// The channel of the call or message.
    pub channel: &'static str,
    /// The caller or sender.
    pub from: String,
    /// The number that is called.
    pub to: String,
    /// Whether each call of this caller is decided at random, because its number is withheld.
    pub random: bool,
    /// All destinations in the order of appearance.
    pub destinations: Vec<WeekDestinationObject>,
    /// The days in order.
    pub days: Vec<WeekDayObject>,
    /// How rules with weights split callers.
    pub splits: Vec<SplitObject>,
}

/// A destination of a week.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = WeekDestination)]
pub struct WeekDestinationObject {
    /// Its letter in drawings: from `A`, and `#` after 62 destinations.
    #[schema(value_type = String)]
    pub letter: char,
    /// The destination.
    pub destination: DestinationObject,
}

/// A day of a week.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = WeekDay)]
pub struct WeekDayObject {
    /// The date in the time zone.
    pub date: String,
    /// The weekday, from `mon` to `sun`.
    pub weekday: &'static str,
    /// The 48 half hours.
    pub half_hours: Vec<HalfHourObject>,
}

/// A half hour.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = HalfHour)]
pub struct HalfHourObject {
    /// The local time at its beginning.
    pub begins: String,
    /// Empty where clocks skip the half hour, two where they repeat it.
    pub outcomes: Vec<HalfHourOutcomeObject>,
}

/// Who answers at an instant.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = HalfHourOutcome)]
pub struct HalfHourOutcomeObject {
    /// The instant.
    #[schema(format = DateTime)]
    pub at: String,
    /// The rule that decides; `null` for `otherwise`.
    #[schema(required)]
    pub rule: Option<RuleObject>,
    /// The index of the destination.
    pub destination: usize,
}

/// How a rule with weights splits callers.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Split)]
pub struct SplitObject {
    /// The rule; `null` for `otherwise`.
    #[schema(required)]
    pub rule: Option<RuleObject>,
    /// The time of the decision, which matters for the hours of agents.
    #[schema(format = DateTime)]
    pub at: String,
    /// The number of sampled callers.
    pub callers: u32,
    /// The agents with their shares.
    pub parts: Vec<SplitPartObject>,
}

/// The share of an agent.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SplitPart)]
pub struct SplitPartObject {
    /// The agent.
    pub destination: DestinationObject,
    /// Its weight in the rule.
    pub weight: u32,
    /// The number of sampled callers that reach it.
    pub callers: u32,
}

impl WeekObject {
    /// Renders a week of a plan that has this name.
    pub fn of(
        (plan, name, zone): (&Plan, String, &Zone),
        supposed: &Supposed,
        Simulated { week, splits }: &Simulated,
    ) -> Self {
        let rule_of = |rule: Option<usize>| {
            let named = |rule| RuleObject::of(rule, plan.rule_name(rule).map(ToOwned::to_owned));
            rule.map(named)
        };
        let cell = |cell: &Cell| HalfHourObject {
            begins: cell.begins.to_string(),
            outcomes: cell
                .outcomes
                .iter()
                .map(|(at, by, destination)| HalfHourOutcomeObject {
                    at: instant(*at),
                    rule: rule_of(*by),
                    destination: *destination,
                })
                .collect(),
        };
        let letters = LETTERS.chars().chain(std::iter::repeat(MORE));
        let destinations = week.destinations.iter().zip(letters);
        Self {
            plan: name,
            time_zone: zone.as_str().to_owned(),
            channel: supposed.channel.as_str(),
            from: supposed.from.to_text(),
            to: supposed.called.as_str().to_owned(),
            random: week.is_random,
            destinations: destinations
                .map(|(destination, letter)| WeekDestinationObject {
                    letter,
                    destination: DestinationObject::of(destination),
                })
                .collect(),
            days: week
                .days
                .iter()
                .map(|day| WeekDayObject {
                    date: day.date.to_string(),
                    weekday: day.weekday,
                    half_hours: day.cells.iter().map(cell).collect(),
                })
                .collect(),
            splits: splits
                .iter()
                .map(|split| SplitObject::of(split, rule_of(split.rule)))
                .collect(),
        }
    }
}

impl SplitObject {
    fn of(split: &Split, rule: Option<RuleObject>) -> Self {
        let parts = split.parts.iter().map(|part| SplitPartObject {
            destination: DestinationObject::of(&part.destination),
            weight: part.weight,
            callers: part.callers,
        });
        Self { rule, at: instant(split.at), callers: split.callers, parts: parts.collect() }
    }
}
