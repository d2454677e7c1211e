//! Schedules: weekly windows, dates, calendars, exceptions.

use serde_json::json;
use switchboard_domain::plan::{self, DateRange, Exceptions, ScheduleSpec, Weekdays};

use super::schema::{either, keywords};
use super::text::{BACKWARD, Day, DayOrDays, Name, StartTime, TimeOfDay, TimeZone};
use super::{Definitions, Grammar, NonEmpty, Schema, value};
use crate::problems::{Node, Problems, Read};
use crate::tree::Tree;

object! {
    /// When something is open: during the weekly windows, on the dates and on the days of the calendars, but not on
    /// the days of `except`. All times are local times of the time zone.
    Schedule of schedule: ScheduleSpec = "a schedule, an object" {
        /// The time zone. The default is the plan's time zone.
        "time_zone" zone: Option<TimeZone> = &schedule.zone,
        /// Weekly windows. They must not overlap.
        "weekly" weekly: NonEmpty<Window> = &schedule.weekly,
        /// Dates and ranges of dates, each open from midnight to midnight.
        "dates" dates: NonEmpty<Dates> = &schedule.dates,
        /// Calendars, by name. Their days are open from midnight to midnight.
        "calendars" calendars: NonEmpty<Name> = &schedule.calendars,
        /// Days on which the schedule is closed.
        "except" except: Except = &schedule.except,
    }
    Ok(ScheduleSpec { zone, weekly, dates, calendars, except })
}

object! {
    /// Days on which a schedule is closed.
    Except of except: Exceptions, absent = "exceptions, an object" {
        /// Dates and ranges of dates.
        "dates" dates: NonEmpty<Dates> = &except.dates,
        /// Calendars, by name.
        "calendars" calendars: NonEmpty<Name> = &except.calendars,
    }
    Ok(Exceptions { dates, calendars })
}

object! {
    /// A time window on some days of the week. If `to` is earlier than `from`, it ends on the next day.
    Window of window: plan::Window = "a window, an object with from and to" {
        /// The days on which the window begins. The default is all seven.
        "days" days: Days = &window.days(),
        /// The start time.
        "from" from: StartTime = &window.from(); "write for example \"09:00\"",
        /// The end time: the first minute after the window.
        "to" to: TimeOfDay = &window.to(); "write for example \"09:00\"",
    }
    plan::Window::new(days, from, to)
        .ok_or_else(|| "has no length; for a whole day write 00:00 to 24:00".into())
}

object! {
    /// Consecutive dates.
    Range of range: DateRange = "a date, or an object with from and to" {
        /// The first date.
        "from" from: Day = &range.first(); "write for example \"2026-12-24\"",
        /// The last date, included.
        "to" to: Day = &range.last(); "write for example \"2026-12-24\"",
    }
    DateRange::new(from, to).ok_or_else(|| BACKWARD.into())
}

/// A date or a range of dates: a text, or an object with from and to.
pub(crate) enum Dates {}

impl Grammar for Dates {
    type Value = DateRange;
    const NAME: Option<&'static str> = Some("Dates");

    fn read(node: &Node<'_>, problems: &mut Problems) -> Read<DateRange> {
        match node.tree {
            Tree::Text(_) => DayOrDays::read(node, problems),
            _ => Range::read(node, problems),
        }
    }

    fn write(range: &DateRange) -> Tree {
        let is_one = range.first() == range.last();
        if is_one { DayOrDays::write(range) } else { Range::write(range) }
    }

    fn schema(definitions: &mut Definitions) -> Schema {
        let one = definitions.reference::<DayOrDays>();
        either("A date, or a range of dates.", one, definitions.reference::<Range>())
    }
}

/// A list of days of the week, not empty.
pub(crate) enum Days {}

impl Grammar for Days {
    type Value = Weekdays;
    const NAME: Option<&'static str> = None;

    fn read(node: &Node<'_>, problems: &mut Problems) -> Read<Weekdays> {
        let days = NonEmpty::<Weekday>::read(node, problems)?;
        Ok(days.into_iter().fold(Weekdays::default(), Weekdays::and))
    }

    fn absent() -> Option<Weekdays> {
        Some(Weekdays::ALL)
    }

    fn write(days: &Weekdays) -> Tree {
        Tree::List(days.names().map(|name| Tree::Text(name.to_owned())).collect())
    }

    fn write_field(days: &Weekdays) -> Option<Tree> {
        (*days != Weekdays::ALL).then(|| Self::write(days))
    }

    fn schema(definitions: &mut Definitions) -> Schema {
        NonEmpty::<Weekday>::schema(definitions)
    }
}

/// A day of the week.
enum Weekday {}

impl Grammar for Weekday {
    type Value = Weekdays;
    const NAME: Option<&'static str> = Some("Weekday");

    fn read(node: &Node<'_>, problems: &mut Problems) -> Read<Weekdays> {
        let days = Weekdays::ALL.names();
        let days: Vec<_> = days.filter_map(|name| Some((name, Weekdays::parse(name)?))).collect();
        value::word(node, problems, &days)
    }

    fn write(day: &Weekdays) -> Tree {
        Tree::Text(day.names().collect())
    }

    fn schema(_: &mut Definitions) -> Schema {
        let words: Vec<_> = Weekdays::ALL.names().collect();
        keywords(json!({"type": "string", "description": "A day of the week.", "enum": words}))
    }
}
