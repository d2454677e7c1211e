//! Finds the next change of a decision that only the time causes.

use std::collections::BTreeSet;

use super::calendar::LocalDate;
use super::caller::Situation;
use super::choice::{Availability, Destination, Tried};
use super::clock_time::MinuteOfDay;
use super::compile::Plan;
use super::condition::Timed;
use crate::time::Timestamp;

/// Days to look ahead: a year, including a leap day.
const DAYS_AHEAD: usize = 367;

/// A change of the rule that decides or of the first agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextChange {
    /// When the decision changes.
    pub at: Timestamp,
    /// The index of the rule that decides from then on; `None` for `otherwise`.
    pub rule: Option<usize>,
    /// The IANA name of the time zone whose schedule causes the change.
    pub zone: String,
    /// The index of the first agent in the plan; `None` if no agent is available.
    pub agent: Option<usize>,
}

/// The next time at which the same caller would match another rule or reach another agent, if only the time changes.
pub fn next_change(
    plan: &Plan,
    situation: &Situation<'_>,
    availability: &dyn Availability,
) -> Option<NextChange> {
    let now = outcome(plan, situation, availability);
    for (at, zone) in moments(plan, situation.at) {
        let later = Situation { at, ..*situation };
        let then = outcome(plan, &later, availability);
        if then != now {
            let (rule, agent) = then;
            return Some(NextChange { at, rule, zone, agent });
        }
    }
    None
}

type Outcome = (Option<usize>, Option<usize>);

fn outcome(plan: &Plan, situation: &Situation<'_>, availability: &dyn Availability) -> Outcome {
    let choice = plan.choose(situation);
    let agent = match choice.destination(situation, availability, &Tried::default(), None) {
        Destination::Agent(place, _) => Some(place),
        Destination::Action(..) | Destination::Exhausted => None,
    };
    (choice.rule, agent)
}

/// The times at which a schedule of the plan may open or close, in order, with the schedule's zone.
fn moments(plan: &Plan, after: Timestamp) -> impl Iterator<Item = (Timestamp, String)> {
    let rules = plan.rules.iter().filter_map(|rule| rule.when.schedule());
    let hours = plan.agents.iter().filter_map(|agent| agent.hours.as_ref());
    let mut moments = BTreeSet::new();
    for timed in rules.chain(hours) {
        let zone = timed.schedule.zone();
        let mut add = |at: Timestamp| {
            if at > after {
                moments.insert((at, zone.as_str().to_owned()));
            }
        };
        let mut day = zone.wall_clock(after).date;
        for _ in 0..DAYS_AHEAD {
            for minute in borders(timed, day) {
                zone.instants(day, minute).into_iter().for_each(&mut add);
            }
            // A border in a skipped hour takes effect at the clock change.
            let Some(next) = day.after() else { break };
            day = next;
        }
        let mut change = zone.next_change(after);
        for _ in 0..4 {
            let Some(at) = change else { break };
            add(at);
            change = zone.next_change(at);
        }
    }
    moments.into_iter()
}

/// The times of a day at which a schedule may open or close.
fn borders(timed: &Timed, day: LocalDate) -> Vec<MinuteOfDay> {
    let schedule = &timed.schedule;
    let mut borders: Vec<MinuteOfDay> = schedule
        .weekly
        .iter()
        .flat_map(|window| [window.from(), window.to()])
        .filter(|minute| minute.in_day().is_some())
        .collect();
    let begins = |ranges: &[super::calendar::DateRange]| {
        ranges.iter().any(|range| {
            range.first() == day || day.before().is_some_and(|before| range.last() == before)
        })
    };
    let is_window_end = schedule.weekly.iter().any(|window| window.to() == MinuteOfDay::END);
    if begins(schedule.days.ranges()) || begins(schedule.except.ranges()) || is_window_end {
        borders.push(MinuteOfDay::FIRST);
    }
    borders.sort_unstable();
    borders.dedup();
    borders
}
