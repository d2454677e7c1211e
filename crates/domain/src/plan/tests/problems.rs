//! The problems that compilation reports.

use super::fixture::{TestCatalogue, day, from, label, phone, say, spec, to, when, zone};
use crate::address::Channel;
use crate::agent::Label;
use crate::plan::{
    Action, Attestation, Audience, Country, DateRange, MinuteOfDay, Plan, PlanSpec, ScheduleSpec,
    ThenSpec, Weekdays, WhenSpec, Window,
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
        &["/otherwise/agents/1: repeats the agent"],
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

fn share(hundredths: u16) -> WhenSpec {
    WhenSpec { share: crate::plan::Share::of_hundredths(hundredths), ..any_caller() }
}

fn dates(texts: &[&str]) -> Vec<DateRange> {
    texts.iter().map(|text| DateRange::day(day(text))).collect()
}

fn between(first: &str, last: &str) -> Vec<DateRange> {
    vec![DateRange::new(day(first), day(last)).unwrap()]
}

/// Whether the second rule is reported as never reached.
#[track_caller]
fn assert_reached(earlier: WhenSpec, later: WhenSpec, is_reached: bool) {
    let rules = vec![(earlier, to(&[("a", 1)])), (later, to(&[("b", 1)]))];
    let found = wrong(&spec(rules, to(&[("c", 1)])));
    let is_reported = found.iter().any(|problem| problem.starts_with("/rules/1: is never reached"));
    assert_eq!(!is_reported, is_reached, "{found:?}");
}

#[test]
fn a_rule_behind_one_that_always_matches_is_reported() {
    let vip = || from(Audience { numbers: vec![phone("+14155550100")], ..Audience::default() });
    assert_reached(share(10_000), vip(), false);
    assert_reached(share(9_999), vip(), true);
    let week = |days, from, to| ScheduleSpec {
        weekly: vec![window(days, from, to)],
        ..ScheduleSpec::default()
    };
    let always = week(Weekdays::ALL, "00:00", "24:00");
    assert_reached(when(always.clone()), vip(), false);
    assert_reached(when(week(Weekdays::ALL, "00:00", "23:59")), vip(), true);
    let mut with_exception = always;
    with_exception.except.dates = dates(&["2026-12-25"]);
    assert_reached(when(with_exception), vip(), true);
    // Two windows that are the whole week together, each over midnight.
    let halves =
        vec![window(Weekdays::ALL, "06:00", "18:00"), window(Weekdays::ALL, "18:00", "06:00")];
    assert_reached(when(ScheduleSpec { weekly: halves, ..ScheduleSpec::default() }), vip(), false);
}

#[test]
fn a_rule_whose_times_an_earlier_one_has_is_reported() {
    let friday = Weekdays::parse("fri").unwrap();
    let open = |weekly: Vec<Window>, dates: Vec<DateRange>| {
        when(ScheduleSpec { weekly, dates, ..ScheduleSpec::default() })
    };
    let day_window = |from, to| vec![window(Weekdays::ALL, from, to)];
    for (earlier, later, is_reached) in [
        (
            open(day_window("08:00", "18:00"), vec![]),
            open(day_window("09:00", "17:00"), vec![]),
            false,
        ),
        (
            open(day_window("08:00", "18:00"), vec![]),
            open(day_window("09:00", "18:01"), vec![]),
            true,
        ),
        (
            open(day_window("08:00", "18:00"), vec![]),
            open(vec![window(friday, "09:00", "17:00")], vec![]),
            false,
        ),
        (
            open(vec![window(friday, "09:00", "17:00")], vec![]),
            open(day_window("09:00", "17:00"), vec![]),
            true,
        ),
        (
            open(vec![], between("2026-12-20", "2027-01-02")),
            open(vec![], dates(&["2026-12-24"])),
            false,
        ),
        (
            open(vec![], dates(&["2026-12-24"])),
            open(vec![], between("2026-12-20", "2027-01-02")),
            true,
        ),
        // 2026-12-25 is a Friday; the window covers it from 00:00 only if it is open all day.
        (
            open(vec![window(friday, "00:00", "24:00")], vec![]),
            open(vec![], dates(&["2026-12-25"])),
            false,
        ),
        (
            open(vec![window(friday, "00:01", "24:00")], vec![]),
            open(vec![], dates(&["2026-12-25"])),
            true,
        ),
    ] {
        assert_reached(earlier, later, is_reached);
    }
    let zoned = |name| ScheduleSpec {
        zone: Some(zone(name)),
        weekly: day_window("09:00", "17:00"),
        ..ScheduleSpec::default()
    };
    assert_reached(when(zoned("Europe/London")), when(zoned("Europe/London")), false);
    assert_reached(when(zoned("Europe/London")), when(zoned("Europe/Paris")), true);
}

#[test]
fn a_rule_for_numbers_that_an_earlier_one_has_is_reported() {
    let numbers = |texts: &[&str]| {
        from(Audience {
            numbers: texts.iter().map(|text| phone(text)).collect(),
            ..Audience::default()
        })
    };
    let prefixed =
        |prefix: &str| from(Audience { prefixes: vec![prefix.to_owned()], ..Audience::default() });
    let shown = from(Audience { withheld: Some(false), ..Audience::default() });
    assert_reached(prefixed("+1415"), numbers(&["+14155550100", "+14155550101"]), false);
    assert_reached(prefixed("+1415"), numbers(&["+14155550100", "+12125550100"]), true);
    assert_reached(shown.clone(), numbers(&["+14155550100"]), false);
    assert_reached(shown.clone(), prefixed("+1"), false);
    assert_reached(shown, any_caller(), true);
    // On WhatsApp, the same contact has another spelling, which the prefix does not match.
    assert_reached(prefixed("+521"), numbers(&["+5215512345678"]), true);
    assert_reached(prefixed("+52"), numbers(&["+5215512345678"]), false);
    // A list that is still empty will have numbers.
    let listed = from(Audience { lists: vec![label("empty")], ..Audience::default() });
    assert_reached(prefixed("+1"), listed, true);
    let attested = WhenSpec { attestation: Some(Attestation::B), ..any_caller() };
    let calls = WhenSpec { channels: Some(vec![Channel::Voice]), ..any_caller() };
    assert_reached(calls, attested, false);
}

#[test]
fn a_schedule_whose_dates_are_all_excepted_can_never_match() {
    let mut schedule =
        ScheduleSpec { dates: between("2026-12-24", "2026-12-26"), ..ScheduleSpec::default() };
    schedule.except.dates = between("2026-12-01", "2026-12-31");
    let rule = |schedule| spec(vec![(when(schedule), to(&[("a", 1)]))], to(&[("b", 1)]));
    assert_wrong(
        &rule(schedule.clone()),
        &["/rules/0/when: can never match: all dates of the schedule are excepted"],
    );
    schedule.except.dates = between("2026-12-25", "2026-12-31");
    assert_wrong(&rule(schedule), &[]);
}

#[test]
fn messages_are_not_attested_and_come_on_some_channels_only() {
    let on = |channels: Vec<Channel>, attestation| {
        let when = WhenSpec { channels: Some(channels), attestation, ..any_caller() };
        spec(vec![(when, to(&[("a", 1)]))], to(&[("b", 1)]))
    };
    let attested = Some(Attestation::B);
    assert_wrong(
        &on(vec![Channel::Sms, Channel::WhatsApp], attested),
        &["/rules/0/when: can never match: only calls"],
    );
    assert_wrong(&on(vec![Channel::Sms, Channel::Voice], attested), &[]);
    assert_wrong(&on(vec![Channel::Sms, Channel::Rcs, Channel::Messenger], None), &[]);
}

#[test]
fn more_rules_than_the_limit_hide_no_other_mistake() {
    let many = spec(vec![(any_caller(), to(&[("a", 1)])); 1_001], to(&[("x", 1)]));
    let found = wrong(&many);
    assert!(found.iter().any(|problem| problem.starts_with("/rules: has more than 1000")));
    assert!(found.iter().any(|problem| problem.starts_with("/otherwise/agents/0: no agent")));
}

#[test]
fn no_action_follows_the_end_of_the_call_and_rules_are_limited() {
    let then = ThenSpec {
        next: vec![Action::Reject(RejectReason::Busy), say("Goodbye.")],
        ..ThenSpec::default()
    };
    assert_wrong(&spec(Vec::new(), then), &["/otherwise/next/1: is never reached"]);
}
