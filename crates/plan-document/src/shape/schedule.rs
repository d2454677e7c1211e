//! When: windows, days, calendars, exceptions.

use schemars::JsonSchema;
use serde::Serialize;
use switchboard_domain::plan::{DateRange, Exceptions, ScheduleSpec, Weekdays, Window as Hours};

use super::caller::names;
use super::texts::{Day, DayOrDays, Name, TimeOfDay, TimeZone};
use super::words::WEEKDAYS;

/// When something is open: in any of the windows, on any of the days and on the days of any of the calendars, but for the
/// exceptions. What counts is what a clock on the wall of the time zone shows.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Schedule<'a> {
    /// Whose clocks count; those of the plan if it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    time_zone: Option<TimeZone<'a>>,
    /// Windows of the week. They must not overlap.
    #[serde(skip_serializing_if = "super::is_empty")]
    weekly: Vec<Window>,
    /// Days and ranges of days, each open from midnight to midnight.
    #[serde(skip_serializing_if = "super::is_empty")]
    dates: Vec<Dates>,
    /// Calendars, by name; their days are open from midnight to midnight.
    #[serde(skip_serializing_if = "super::is_empty")]
    calendars: Vec<Name<'a>>,
    /// Days that are left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    except: Option<Except<'a>>,
}

/// A part of some days of the week. Where it ends before it begins, it ends on the day after.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Window {
    /// The days on which it begins; all seven if they are left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    days: Option<Vec<Weekday>>,
    /// When it begins.
    from: TimeOfDay,
    /// When it ends: the first minute that is not in it.
    to: TimeOfDay,
}

/// A day of the week.
#[derive(Serialize, JsonSchema)]
#[serde(transparent)]
#[schemars(extend("enum" = WEEKDAYS))]
struct Weekday(&'static str);

/// A day, or days in a row.
// Each form is written in its own way; nothing is read by this type.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
enum Dates {
    Text(DayOrDays),
    Range(Range),
}

/// Days in a row.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Range {
    /// The first day.
    from: Day,
    /// The last day, which is one of them.
    to: Day,
}

/// Days that are left out of a schedule.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Except<'a> {
    /// Days and ranges of days.
    #[serde(skip_serializing_if = "super::is_empty")]
    dates: Vec<Dates>,
    /// Calendars, by name.
    #[serde(skip_serializing_if = "super::is_empty")]
    calendars: Vec<Name<'a>>,
}

impl<'a> From<&'a ScheduleSpec> for Schedule<'a> {
    fn from(schedule: &'a ScheduleSpec) -> Self {
        let ScheduleSpec { zone, weekly, dates, calendars, except } = schedule;
        Self {
            time_zone: zone.as_ref().map(|zone| TimeZone(zone.as_str())),
            weekly: weekly.iter().map(Window::from).collect(),
            dates: dates.iter().map(Dates::from).collect(),
            calendars: names(calendars),
            except: (*except != Exceptions::default()).then(|| Except {
                dates: except.dates.iter().map(Dates::from).collect(),
                calendars: names(&except.calendars),
            }),
        }
    }
}

impl From<&Hours> for Window {
    fn from(window: &Hours) -> Self {
        let is_daily = window.days() == Weekdays::ALL;
        Self {
            days: (!is_daily).then(|| window.days().names().map(Weekday).collect()),
            from: TimeOfDay(window.from().to_string()),
            to: TimeOfDay(window.to().to_string()),
        }
    }
}

impl From<&DateRange> for Dates {
    fn from(range: &DateRange) -> Self {
        let (first, last) = (range.first().to_string(), range.last().to_string());
        if first == last {
            Self::Text(DayOrDays(first))
        } else {
            Self::Range(Range { from: Day(first), to: Day(last) })
        }
    }
}
