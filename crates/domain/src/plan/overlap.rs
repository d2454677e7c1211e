//! Checks of a plan: conditions that can never match, rules that are never reached, windows that overlap.

use super::audience::Share;
use super::compile::Rule;
use super::condition::{Condition, Conditions};
use super::problem::{PlanProblem, Pointer, ProblemKind};
use super::rule::WhenSpec;
use super::schedule::Window;
use crate::address::Channel;
use crate::contact_number::spellings;
use crate::phone_number::PhoneNumber;

/// Why the conditions can never hold together; `None` if they can.
pub(super) fn contradiction(when: &WhenSpec) -> Option<&'static str> {
    let is_empty = |given: Option<bool>| given == Some(true);
    if is_empty(when.channels.as_ref().map(Vec::is_empty)) {
        return Some("channels is empty; leave it out or add a channel");
    }
    if is_empty(when.called.as_ref().map(Vec::is_empty)) {
        return Some("called is empty; leave it out or add a number");
    }
    if let Some(schedule) = &when.schedule
        && schedule.weekly.is_empty()
        && schedule.dates.is_empty()
        && schedule.calendars.is_empty()
    {
        return Some("the schedule is never open; add windows, dates or calendars");
    }
    let caller = &when.caller;
    let names_number =
        !caller.prefixes.is_empty() || !caller.numbers.is_empty() || !caller.lists.is_empty();
    if caller.withheld == Some(true) && names_number {
        return Some("a withheld number is in no list and has no prefix");
    }
    if when.attestation.is_some()
        && when.channels.as_ref().is_some_and(|channels| !channels.contains(&Channel::Voice))
    {
        return Some("only calls are attested; add the channel voice, or leave attestation out");
    }
    // A contact whose number has two spellings may write from the other one.
    let fits = |number: &PhoneNumber| {
        spellings(*number).iter().any(|number| {
            caller.prefixes.iter().any(|prefix| number.as_str().starts_with(prefix.as_str()))
        })
    };
    if caller.lists.is_empty()
        && !caller.prefixes.is_empty()
        && !caller.numbers.is_empty()
        && !caller.numbers.iter().any(fits)
    {
        return Some("no number begins with one of the prefixes");
    }
    None
}

/// Reports windows that overlap an earlier one.
pub(super) fn windows(weekly: &[Window], at: &Pointer, problems: &mut Vec<PlanProblem>) {
    let parts: Vec<Vec<(u16, u16)>> = weekly.iter().map(|window| window.parts()).collect();
    for (later, own) in parts.iter().enumerate() {
        let meets = |other: &Vec<(u16, u16)>| {
            other.iter().any(|(from, to)| {
                own.iter().any(|(own_from, own_to)| from < own_to && own_from < to)
            })
        };
        if let Some(earlier) = parts[..later].iter().position(meets) {
            problems.push(PlanProblem { at: at.at(later), kind: ProblemKind::Overlap { earlier } });
        }
    }
}

/// Reports rules that are never reached because an earlier rule matches everything they match.
pub(super) fn unreachable(rules: &[Rule], at: &Pointer, problems: &mut Vec<PlanProblem>) {
    for (later, rule) in rules.iter().enumerate() {
        let covers = |earlier: &Rule| {
            let are_usable = earlier.problem.is_none() && rule.problem.is_none();
            are_usable && covers(&earlier.when, &rule.when)
        };
        if let Some(earlier) = rules[..later].iter().position(covers) {
            problems
                .push(PlanProblem { at: at.at(later), kind: ProblemKind::Unreachable { earlier } });
        }
    }
}

/// Whether `earlier` certainly matches everything that `later` matches: each condition of `earlier` always holds, or
/// `later` has one that is at least as strict.
fn covers(earlier: &Conditions, later: &Conditions) -> bool {
    earlier
        .iter()
        .all(|wide| always_holds(wide) || later.iter().any(|narrow| is_within(narrow, wide)))
}

/// Whether a condition holds for every call and message.
fn always_holds(condition: &Condition) -> bool {
    match condition {
        Condition::Share(share, _) => *share == Share::ALL,
        Condition::Schedule(timed) => timed.schedule.is_always_open(),
        _ => false,
    }
}

/// Whether a condition is at least as strict as another one.
fn is_within(narrow: &Condition, wide: &Condition) -> bool {
    let within = |wide: &[String], narrow: &[String], fits: fn(&str, &str) -> bool| {
        wide.is_empty()
            || (!narrow.is_empty()
                && narrow.iter().all(|narrow| wide.iter().any(|wide| fits(wide, narrow))))
    };
    let same: fn(&str, &str) -> bool = |wide, narrow| wide.eq_ignore_ascii_case(narrow);
    let begins: fn(&str, &str) -> bool = |wide, narrow| narrow.starts_with(wide);
    match (wide, narrow) {
        (Condition::Channels(wide), Condition::Channels(narrow)) => wide.covers(*narrow),
        (Condition::Called(wide), Condition::Called(narrow))
        | (Condition::Numbers(wide), Condition::Numbers(narrow)) => wide.covers(narrow),
        (Condition::Prefixes(wide), Condition::Numbers(narrow)) => narrow.all_begin_with(wide),
        // A withheld caller has no number.
        (Condition::Withheld(false), Condition::Numbers(_) | Condition::Prefixes(_)) => true,
        // Only calls are attested.
        (Condition::Channels(wide), Condition::Attestation(_)) => wide.contains(Channel::Voice),
        (Condition::Countries(wide), Condition::Countries(narrow)) => {
            narrow.iter().all(|country| wide.contains(country))
        }
        (Condition::Region(wide), Condition::Region(narrow)) => {
            within(&wide.states, &narrow.states, same)
                && within(&wide.cities, &narrow.cities, same)
                && within(&wide.postal_codes, &narrow.postal_codes, begins)
        }
        (Condition::Prefixes(wide), Condition::Prefixes(narrow)) => within(wide, narrow, begins),
        (Condition::Attestation(wide), Condition::Attestation(narrow)) => narrow <= wide,
        (Condition::Withheld(wide), Condition::Withheld(narrow)) => wide == narrow,
        (Condition::Schedule(wide), Condition::Schedule(narrow)) => {
            narrow.schedule.is_within(&wide.schedule)
        }
        // Shares of the same draw: rules of the same name.
        (Condition::Share(wide, one), Condition::Share(narrow, other)) => {
            one == other && narrow <= wide
        }
        _ => false,
    }
}
