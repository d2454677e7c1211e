//! Schedules: weekly windows, dates, calendars, and exceptions.
//!
//! All times are local times of the schedule's zone. A window in an hour that a clock change skips is not open on that
//! day; a window in a repeated hour is open both times. A window that crosses midnight belongs to the day on which it
//! begins; its second part is open on the next calendar date, unless the zone skipped that date.

use super::calendar::{DateRange, Days};
use super::clock_time::{MINUTES, MinuteOfDay, Weekdays};
use super::zone::{WallClock, Zone};
use crate::agent::Label;

/// A time window on some days of the week. If it ends before it begins, it ends on the next day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    days: Weekdays,
    from: MinuteOfDay,
    to: MinuteOfDay,
}

impl Window {
    /// Creates a window; `None` if it has no day or no length.
    pub fn new(days: Weekdays, from: MinuteOfDay, to: MinuteOfDay) -> Option<Self> {
        let is_empty = days.is_empty() || from == to || from == MinuteOfDay::END;
        // A window from 17:00 to 00:00 ends at the end of the day.
        let to = if to == MinuteOfDay::FIRST { MinuteOfDay::END } else { to };
        (!is_empty).then_some(Self { days, from, to })
    }

    /// The days on which the window begins.
    pub const fn days(self) -> Weekdays {
        self.days
    }

    /// The start time.
    pub const fn from(self) -> MinuteOfDay {
        self.from
    }

    /// The end time: the first minute after the window.
    pub const fn to(self) -> MinuteOfDay {
        self.to
    }

    /// Whether the window ends on the next day.
    pub fn crosses_midnight(self) -> bool {
        self.to <= self.from
    }

    fn contains(self, shown: WallClock) -> bool {
        let WallClock { weekday, minute, .. } = shown;
        if self.crosses_midnight() {
            (self.days.contains(weekday) && minute >= self.from)
                || (self.days.contains(weekday.before()) && minute < self.to)
        } else {
            self.days.contains(weekday) && self.from <= minute && minute < self.to
        }
    }

    /// The parts of the window as minutes of the week: start, and end (not included).
    pub(super) fn parts(self) -> Vec<(u16, u16)> {
        let week = 7 * MINUTES;
        let mut parts = Vec::new();
        for day in self.days.starts() {
            let from = day + self.from.minutes();
            let length = if self.crosses_midnight() {
                MINUTES - self.from.minutes() + self.to.minutes()
            } else {
                self.to.minutes() - self.from.minutes()
            };
            let to = from + length;
            if to > week {
                parts.push((from, week));
                parts.push((0, to - week));
            } else {
                parts.push((from, to));
            }
        }
        parts
    }
}

/// Days on which a schedule is closed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exceptions {
    /// Dates and ranges of dates.
    pub dates: Vec<DateRange>,
    /// Calendars, by name.
    pub calendars: Vec<Label>,
}

/// A parsed schedule: open during the windows and on the days, except for the exceptions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScheduleSpec {
    /// The time zone; `None` for the time zone of the plan.
    pub zone: Option<Zone>,
    /// Weekly windows.
    pub weekly: Vec<Window>,
    /// Dates and ranges of dates.
    pub dates: Vec<DateRange>,
    /// Calendars, by name.
    pub calendars: Vec<Label>,
    /// When it is closed.
    pub except: Exceptions,
}

impl ScheduleSpec {
    /// Every calendar that the schedule names.
    pub fn calendars(&self) -> impl Iterator<Item = &Label> {
        self.calendars.iter().chain(&self.except.calendars)
    }
}

/// A compiled schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    pub(super) zone: Zone,
    pub(super) weekly: Vec<Window>,
    pub(super) days: Days,
    pub(super) except: Days,
}

impl Schedule {
    /// Whether it is open at this local date and time.
    pub(super) fn is_open(&self, shown: WallClock) -> bool {
        let is_in = self.days.contains(shown.date)
            || self.weekly.iter().any(|window| window.contains(shown));
        is_in && (self.except.is_empty() || !self.except.contains(shown.date))
    }

    pub(super) const fn zone(&self) -> &Zone {
        &self.zone
    }
}

#[cfg(test)]
mod tests {
    use super::Window;
    use crate::plan::{MinuteOfDay, Weekdays};

    fn minute(text: &str) -> MinuteOfDay {
        MinuteOfDay::parse(text).unwrap()
    }

    #[test]
    fn a_window_has_days_and_a_length() {
        let days = Weekdays::parse("mon").unwrap();
        assert!(Window::new(Weekdays::default(), minute("09:00"), minute("17:00")).is_none());
        assert!(Window::new(days, minute("09:00"), minute("09:00")).is_none());
        let whole = Window::new(days, minute("00:00"), minute("24:00")).unwrap();
        assert_eq!(whole.parts(), [(0, 1440)]);
        let evening = Window::new(days, minute("17:00"), minute("00:00")).unwrap();
        assert!(!evening.crosses_midnight());
        let sunday = Weekdays::parse("sun").unwrap();
        let night = Window::new(sunday, minute("22:00"), minute("06:00")).unwrap();
        assert_eq!(night.parts(), [(6 * 1440 + 22 * 60, 7 * 1440), (0, 6 * 60)]);
    }
}
