//! The problems that compilation reports.

use super::fixture::{TestCatalogue, from, label, say, spec, to, when, zone};
use crate::agent::Label;
use crate::plan::{
    Action, Audience, Country, MinuteOfDay, Plan, PlanSpec, ScheduleSpec, ThenSpec, Weekdays,
    WhenSpec, Window,
};
use crate::twiml::RejectReason;

/// All problems of a plan, as text.
fn wrong(spec: &PlanSpec) -> Vec<String> {
    match Plan::compile("pln_1", spec, &TestCatalogue::default()) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.iter().map(ToString::to_string).collect(),
    }
}

#[track_caller]
fn assert_wrong(spec: &PlanSpec, expected: &[&str]) {
    let found = wrong(spec);
    assert_eq!(found.len(), expected.len(), "{found:?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.starts_with(expected), "{found}");
    }
}

fn window(days: Weekdays, from: &str, to: &str) -> Window {
    let minute = |text| MinuteOfDay::parse(text).unwrap();
    Window::new(days, minute(from), minute(to)).unwrap()
}

fn any_caller() -> WhenSpec {
    WhenSpec::default()
}

#[test]
fn agents_must_exist_once_and_have_a_weight() {
    assert_wrong(&spec(Vec::new(), to(&[("x", 1)])), &["/otherwise/agents/0: no agent"]);
    assert_wrong(&spec(Vec::new(), to(&[("twins", 1)])), &["/otherwise/agents/0: several agents"]);
    assert_wrong(
        &spec(Vec::new(), to(&[("a", 0), ("b", 0)])),
        &["/otherwise/agents: all weights are 0"],
    );
    assert_wrong(
        &spec(Vec::new(), to(&[("a", 1), ("a", 2)])),
        &["/otherwise/agents/1: names the same agent"],
    );
    assert_wrong(&spec(Vec::new(), to(&[])), &["/otherwise: has neither agents nor actions"]);
}

#[test]
fn calendars_lists_and_zones_must_exist() {
    let unknown: Label = label("nowhere");
    let schedule = ScheduleSpec { calendars: vec![unknown.clone()], ..ScheduleSpec::default() };
    assert_wrong(
        &spec(vec![(when(schedule), to(&[("a", 1)]))], to(&[("b", 1)])),
        &["/rules/0/when/schedule/calendars/0: no calendar"],
    );
    let caller = Audience { lists: vec![unknown], ..Audience::default() };
    assert_wrong(
        &spec(vec![(from(caller), to(&[("a", 1)]))], to(&[("b", 1)])),
        &["/rules/0/when/caller/lists/0: no list"],
    );
    let weekly = vec![window(Weekdays::ALL, "09:00", "17:00")];
    let schedule = ScheduleSpec { weekly, ..ScheduleSpec::default() };
    let without =
        PlanSpec { zone: None, ..spec(vec![(when(schedule), to(&[("a", 1)]))], to(&[("b", 1)])) };
    assert_wrong(&without, &["/rules/0/when/schedule: has no time zone"]);
}

#[test]
fn overlapping_windows_are_refused_even_across_midnight_and_the_week() {
    let sunday = Weekdays::parse("sun").unwrap();
    let monday = Weekdays::parse("mon").unwrap();
    for (one, other, is_refused) in [
        (window(monday, "09:00", "12:00"), window(monday, "12:00", "17:00"), false),
        (window(monday, "09:00", "12:01"), window(monday, "12:00", "17:00"), true),
        (window(sunday, "22:00", "06:00"), window(monday, "05:00", "09:00"), true),
        (window(sunday, "22:00", "06:00"), window(monday, "06:00", "09:00"), false),
        (window(Weekdays::ALL, "00:00", "24:00"), window(monday, "05:00", "09:00"), true),
    ] {
        let schedule = ScheduleSpec { weekly: vec![one, other], ..ScheduleSpec::default() };
        let found = wrong(&spec(vec![(when(schedule), to(&[("a", 1)]))], to(&[("b", 1)])));
        let expected = "/rules/0/when/schedule/weekly/1: overlaps window 1";
        assert_eq!(
            found.iter().any(|problem| problem.starts_with(expected)),
            is_refused,
            "{one:?} {other:?}"
        );
    }
}

#[test]
fn unreachable_rules_are_refused() {
    let in_countries = |names: &[&str]| {
        let countries = names.iter().filter_map(|name| Country::parse(name)).collect();
        from(Audience { countries, ..Audience::default() })
    };
    let prefixed =
        |prefix: &str| from(Audience { prefixes: vec![prefix.to_owned()], ..Audience::default() });
    for (earlier, later, is_refused) in [
        (any_caller(), in_countries(&["US"]), true),
        (in_countries(&["US", "CA"]), in_countries(&["US"]), true),
        (in_countries(&["US"]), in_countries(&["US", "CA"]), false),
        (in_countries(&["US"]), any_caller(), false),
        (prefixed("+1"), prefixed("+1415"), true),
        (prefixed("+1415"), prefixed("+1"), false),
    ] {
        let rules = vec![(earlier, to(&[("a", 1)])), (later, to(&[("b", 1)]))];
        let found = wrong(&spec(rules, to(&[("c", 1)])));
        let is_reported =
            found.iter().any(|problem| problem.starts_with("/rules/1: is never reached: rule 1"));
        assert_eq!(is_reported, is_refused, "{found:?}");
    }
}

#[test]
fn contradictory_conditions_are_refused() {
    let withheld =
        Audience { withheld: Some(true), prefixes: vec!["+1".to_owned()], ..Audience::default() };
    let nowhere = Audience {
        prefixes: vec!["+44".to_owned()],
        numbers: vec![super::fixture::phone("+14155550100")],
        ..Audience::default()
    };
    for never in [
        from(withheld),
        from(nowhere),
        when(ScheduleSpec { zone: Some(zone("Europe/London")), ..ScheduleSpec::default() }),
        WhenSpec { channels: Some(Vec::new()), ..any_caller() },
    ] {
        let found = wrong(&spec(vec![(never, to(&[("a", 1)]))], to(&[("b", 1)])));
        assert!(found.iter().any(|problem| problem.contains("can never match")), "{found:?}");
    }
}

#[test]
fn no_action_follows_the_end_of_the_call_and_rules_are_limited() {
    let then = ThenSpec {
        next: vec![Action::Reject(RejectReason::Busy), say("Goodbye.")],
        ..ThenSpec::default()
    };
    assert_wrong(&spec(Vec::new(), then), &["/otherwise/next/1: is never reached"]);
    let many = spec(vec![(any_caller(), to(&[("a", 1)])); 1_001], to(&[("b", 1)]));
    assert_wrong(&many, &["/rules: has more than 1000 rules"]);
}
