//! Clock changes, skipped days and windows across midnight.

use super::fixture::{call, compiled, day, instant, spec, to, when, zone};
use crate::address::Address;
use crate::plan::{DateRange, Exceptions, MinuteOfDay, ScheduleSpec, Weekdays, Window};

fn days(names: &[&str]) -> Weekdays {
    names.iter().filter_map(|name| Weekdays::parse(name)).fold(Weekdays::default(), Weekdays::and)
}

fn window(names: &[&str], from: &str, to: &str) -> Window {
    let minute = |text| MinuteOfDay::parse(text).unwrap();
    Window::new(days(names), minute(from), minute(to)).unwrap()
}

fn weekly(zone_name: &str, windows: Vec<Window>) -> ScheduleSpec {
    ScheduleSpec { zone: Some(zone(zone_name)), weekly: windows, ..ScheduleSpec::default() }
}

/// Whether a schedule is open at each of these instants.
fn open(schedule: &ScheduleSpec, instants: &[&str]) -> Vec<bool> {
    let plan = compiled(&spec(vec![(when(schedule.clone()), to(&[("a", 1)]))], to(&[("b", 1)])));
    let caller = Address::parse("+14155550199").unwrap();
    let is_open = |at: &&str| plan.choose(&call(&caller, instant(at))).rule.is_some();
    instants.iter().map(is_open).collect()
}

const ALL: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

#[test]
fn new_york_skips_an_hour_in_spring_and_repeats_one_in_autumn() {
    let early = weekly("America/New_York", vec![window(&ALL, "01:30", "02:30")]);
    // 2026-03-08: 01:59:59 is followed by 03:00:00, so the window is half an hour long.
    assert_eq!(
        open(
            &early,
            &[
                "2026-03-08T06:29:59Z",
                "2026-03-08T06:30:00Z",
                "2026-03-08T06:59:59Z",
                "2026-03-08T07:00:00Z"
            ]
        ),
        [false, true, true, false]
    );
    // 2026-11-01: 01:30 comes twice, at 05:30 and 06:30 UTC; between them the local time is 01:00 again.
    assert_eq!(
        open(
            &early,
            &[
                "2026-11-01T05:30:00Z",
                "2026-11-01T06:00:00Z",
                "2026-11-01T06:29:59Z",
                "2026-11-01T06:30:00Z",
                "2026-11-01T07:29:59Z",
                "2026-11-01T07:30:00Z"
            ]
        ),
        [true, false, false, true, true, false]
    );
}

#[test]
fn a_window_in_a_skipped_hour_is_not_open_that_day() {
    let gone = weekly("America/New_York", vec![window(&["sun"], "02:00", "03:00")]);
    assert_eq!(open(&gone, &["2026-03-08T06:59:59Z", "2026-03-08T07:00:00Z"]), [false, false]);
    assert_eq!(open(&gone, &["2026-03-15T06:00:00Z"]), [true]);
}

#[test]
fn london_and_lord_howe_change_by_their_own_rules() {
    let morning = weekly("Europe/London", vec![window(&ALL, "00:30", "01:30")]);
    // 2026-03-29: 00:59:59 is followed by 02:00:00.
    assert_eq!(
        open(&morning, &["2026-03-29T00:30:00Z", "2026-03-29T00:59:59Z", "2026-03-29T01:00:00Z"]),
        [true, true, false]
    );
    // Lord Howe changes its clocks by half an hour: on 2026-04-05 02:00 becomes 01:30 again (15:00 UTC).
    let night = weekly("Australia/Lord_Howe", vec![window(&ALL, "01:30", "02:00")]);
    assert_eq!(
        open(
            &night,
            &[
                "2026-04-04T14:29:59Z",
                "2026-04-04T14:30:00Z",
                "2026-04-04T15:00:00Z",
                "2026-04-04T15:29:59Z",
                "2026-04-04T15:30:00Z"
            ]
        ),
        [false, true, true, true, false]
    );
    // And on 2026-10-04 02:00 becomes 02:30 (15:30 UTC).
    let skipped = weekly("Australia/Lord_Howe", vec![window(&ALL, "02:00", "02:30")]);
    assert_eq!(open(&skipped, &["2026-10-03T15:29:59Z", "2026-10-03T15:30:00Z"]), [false, false]);
}

#[test]
fn the_day_that_apia_skipped_does_not_occur() {
    // 2011-12-29 was followed by 2011-12-31, at 10:00 UTC of the 30th.
    let friday = weekly("Pacific/Apia", vec![window(&["fri"], "00:00", "24:00")]);
    assert_eq!(
        open(&friday, &["2011-12-30T09:59:59Z", "2011-12-30T10:00:00Z", "2011-12-31T09:59:59Z"]),
        [false, false, false]
    );
    let thirtieth = ScheduleSpec {
        zone: Some(zone("Pacific/Apia")),
        dates: vec![DateRange::day(day("2011-12-30"))],
        ..ScheduleSpec::default()
    };
    assert_eq!(open(&thirtieth, &["2011-12-30T09:59:59Z", "2011-12-30T10:00:00Z"]), [false, false]);
    // The night of Thursday would go on into Friday, which never came; Saturday is not its continuation.
    let night = weekly("Pacific/Apia", vec![window(&["thu"], "22:00", "06:00")]);
    assert_eq!(open(&night, &["2011-12-30T09:00:00Z", "2011-12-30T10:00:00Z"]), [true, false]);
}

#[test]
fn a_window_across_midnight_belongs_to_the_day_on_which_it_begins() {
    let night = weekly("America/New_York", vec![window(&["sun"], "22:00", "06:00")]);
    // Sunday 2026-11-15, 22:00 in New York is Monday 03:00 UTC.
    assert_eq!(
        open(
            &night,
            &[
                "2026-11-16T02:59:59Z",
                "2026-11-16T03:00:00Z",
                "2026-11-16T10:59:59Z",
                "2026-11-16T11:00:00Z",
                "2026-11-15T06:00:00Z"
            ]
        ),
        [false, true, true, false, false]
    );
}

#[test]
fn date_ranges_cross_the_year_and_exceptions_take_precedence() {
    let holidays = ScheduleSpec {
        zone: Some(zone("Europe/London")),
        dates: vec![DateRange::new(day("2026-12-24"), day("2027-01-01")).unwrap()],
        except: Exceptions {
            dates: Vec::new(),
            calendars: vec![super::fixture::label("holidays")],
        },
        ..ScheduleSpec::default()
    };
    assert_eq!(
        open(
            &holidays,
            &[
                "2026-12-23T23:59:59Z",
                "2026-12-24T00:00:00Z",
                "2026-12-25T12:00:00Z",
                "2026-12-31T23:59:59Z",
                "2027-01-01T23:59:59Z",
                "2027-01-02T00:00:00Z"
            ]
        ),
        [false, true, false, true, true, false]
    );
}

#[test]
fn the_next_change_is_found_across_clock_changes() {
    let office = weekly(
        "America/New_York",
        vec![window(&["mon", "tue", "wed", "thu", "fri"], "09:00", "17:00")],
    );
    let plan = compiled(&spec(vec![(when(office), to(&[("a", 1)]))], to(&[("b", 1)])));
    let caller = Address::parse("+14155550199").unwrap();
    let turn = |at: &str| plan.explain(&call(&caller, instant(at)), &()).next.unwrap();
    // Friday evening before the clocks go back: Monday 09:00 is 14:00 UTC, no longer 13:00.
    let next = turn("2026-10-30T22:00:00Z");
    assert_eq!(
        (next.at, next.rule, next.agent),
        (instant("2026-11-02T14:00:00Z"), Some(0), Some(0))
    );
    let next = turn("2026-11-02T15:00:00Z");
    assert_eq!(
        (next.at, next.rule, &*next.zone),
        (instant("2026-11-02T22:00:00Z"), None, "America/New_York")
    );
}
