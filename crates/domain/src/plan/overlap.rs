//! What can never match, what is never reached, and what is open twice.

use super::compile::Rule;
use super::condition::Conditions;
use super::problem::{PlanProblem, Pointer, ProblemKind};
use super::rule::WhenSpec;
use super::schedule::Window;

/// Why conditions can never hold together, if they cannot.
pub(super) fn contradiction(when: &WhenSpec) -> Option<&'static str> {
    let is_empty = |given: Option<bool>| given == Some(true);
    if is_empty(when.channels.as_ref().map(Vec::is_empty)) {
        return Some("it names no channel; leave channels out, or name one");
    }
    if is_empty(when.called.as_ref().map(Vec::is_empty)) {
        return Some("it names no called number; leave called out, or name one");
    }
    if let Some(schedule) = &when.schedule
        && schedule.weekly.is_empty()
        && schedule.dates.is_empty()
        && schedule.calendars.is_empty()
    {
        return Some("its schedule is never open; name windows, dates or calendars");
    }
    let caller = &when.caller;
    let names_number =
        !caller.prefixes.is_empty() || !caller.numbers.is_empty() || !caller.lists.is_empty();
    if caller.withheld == Some(true) && names_number {
        return Some("a number that is withheld is in no list and has no prefix");
    }
    let fits = |number: &crate::phone_number::PhoneNumber| {
        caller.prefixes.iter().any(|prefix| number.as_str().starts_with(prefix.as_str()))
    };
    if caller.lists.is_empty()
        && !caller.prefixes.is_empty()
        && !caller.numbers.is_empty()
        && !caller.numbers.iter().any(fits)
    {
        return Some("none of its numbers begins with one of its prefixes");
    }
    None
}

/// Windows that are open at the same time as an earlier one.
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

/// Rules that an earlier one leaves nothing to.
pub(super) fn unreachable(rules: &[Rule], at: &Pointer, problems: &mut Vec<PlanProblem>) {
    for (later, rule) in rules.iter().enumerate() {
        let covers = |earlier: &Rule| covers(&earlier.when, &rule.when);
        if let Some(earlier) = rules[..later].iter().position(covers) {
            problems
                .push(PlanProblem { at: at.at(later), kind: ProblemKind::Unreachable { earlier } });
        }
    }
}

/// Whether whatever `later` matches, `earlier` matches too, as far as can be told without trying.
fn covers(earlier: &Conditions, later: &Conditions) -> bool {
    let within = |wide: &[String], narrow: &[String], fits: fn(&str, &str) -> bool| {
        wide.is_empty()
            || (!narrow.is_empty()
                && narrow.iter().all(|narrow| wide.iter().any(|wide| fits(wide, narrow))))
    };
    let same: fn(&str, &str) -> bool = |wide, narrow| wide.eq_ignore_ascii_case(narrow);
    let begins: fn(&str, &str) -> bool = |wide, narrow| narrow.starts_with(wide);
    let channels = match (earlier.channels, later.channels) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(wide), Some(narrow)) => wide.covers(narrow),
    };
    let numbers = |wide: &Option<Vec<_>>, narrow: &Option<Vec<_>>| match (wide, narrow) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(wide), Some(narrow)) => {
            narrow.iter().all(|number| wide.binary_search(number).is_ok())
        }
    };
    let countries = earlier.countries.is_empty()
        || (!later.countries.is_empty()
            && later.countries.iter().all(|country| earlier.countries.contains(country)));
    channels
        && numbers(&earlier.called, &later.called)
        && numbers(&earlier.numbers, &later.numbers)
        && countries
        && within(&earlier.states, &later.states, same)
        && within(&earlier.cities, &later.cities, same)
        && within(&earlier.postal_codes, &later.postal_codes, begins)
        && within(&earlier.prefixes, &later.prefixes, begins)
        && (earlier.withheld.is_none() || earlier.withheld == later.withheld)
        && earlier
            .attestation
            .is_none_or(|wide| later.attestation.is_some_and(|narrow| narrow <= wide))
        && (earlier.schedule.is_none() || earlier.schedule == later.schedule)
        && (earlier.share.is_none() || earlier.share == later.share)
}
