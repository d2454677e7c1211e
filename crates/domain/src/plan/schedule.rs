//! When: windows of the week, days, calendars, and exceptions from all of them.
//!
//! What counts is what a clock on the wall of the zone shows. An hour that is skipped in spring never shows, so a window
//! in it is not open on that day; an hour that is repeated in autumn shows twice, and a window in it is open both
//! times. A window that crosses midnight belongs to the day on which it begins: its second part is open on the day of
//! the calendar after that one. A day that a zone skipped as a whole never shows.

use std::fmt;

use super::calendar::{DateRange, Days};
use super::zone::{WallClock, Zone};
use crate::agent::Label;

const MINUTES: u16 = 24 * 60;

/// A minute of the day, from 00:00 to 24:00.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MinuteOfDay(u16);

impl MinuteOfDay {
    /// Midnight at the beginning of the day.
    pub const FIRST: Self = Self(0);
    /// Midnight at its end.
    pub const END: Self = Self(MINUTES);

    /// Parses `09:00`, up to `24:00`.
    pub fn parse(text: &str) -> Option<Self> {
        let (hours, minutes) = text.split_once(':')?;
        let number = |digits: &str| {
            let is_two = digits.len() == 2 && digits.bytes().all(|digit| digit.is_ascii_digit());
            if is_two { digits.parse::<u16>().ok() } else { None }
        };
        let (hours, minutes) = (number(hours)?, number(minutes)?);
        let minute = hours * 60 + minutes;
        (minutes < 60 && minute <= MINUTES).then_some(Self(minute))
    }

    pub(super) fn of(time: jiff::civil::Time) -> Self {
        let part = |number: i8| u16::try_from(number).unwrap_or_default();
        Self(part(time.hour()) * 60 + part(time.minute()))
    }

    /// The 48 half hours of a day.
    pub(super) fn half_hours() -> impl Iterator<Item = Self> {
        (0..MINUTES).step_by(30).map(Self)
    }

    /// The minute, unless it is the end of the day.
    pub(super) const fn in_day(self) -> Option<u16> {
        if self.0 < MINUTES { Some(self.0) } else { None }
    }

    /// Minutes since midnight.
    pub const fn minutes(self) -> u16 {
        self.0
    }
}

impl fmt::Display for MinuteOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl fmt::Debug for MinuteOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A day of the week, Monday first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Weekday(u8);

impl Weekday {
    pub(super) fn of(weekday: jiff::civil::Weekday) -> Self {
        Self(u8::try_from(weekday.to_monday_zero_offset()).unwrap_or_default())
    }

    const fn before(self) -> Self {
        Self((self.0 + 6) % 7)
    }

    pub(super) const fn name(self) -> &'static str {
        NAMES[self.0 as usize % NAMES.len()]
    }
}

/// A set of days of the week.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Weekdays(u8);

/// Their names, Monday first.
const NAMES: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

impl Weekdays {
    /// All seven.
    pub const ALL: Self = Self(0x7f);

    /// The day of a name: `mon`, `tue`, `wed`, `thu`, `fri`, `sat` or `sun`.
    pub fn parse(name: &str) -> Option<Self> {
        NAMES.iter().position(|known| *known == name).map(|day| Self(1 << day))
    }

    /// These days and those.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The names of the days.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        NAMES
            .into_iter()
            .enumerate()
            .filter(move |(day, _)| self.0 >> day & 1 == 1)
            .map(|(_, name)| name)
    }

    const fn contains(self, day: Weekday) -> bool {
        self.0 >> day.0 & 1 == 1
    }

    /// Each of the days, and every minute of the week at which it begins.
    pub(super) fn starts(self) -> impl Iterator<Item = u16> {
        (0..7u16).filter(move |day| self.0 >> day & 1 == 1).map(|day| day * MINUTES)
    }
}

/// A part of some days of the week. Where it ends before it begins, it ends on the day after.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    days: Weekdays,
    from: MinuteOfDay,
    to: MinuteOfDay,
}

impl Window {
    /// A window; none where it has no day or no length.
    pub fn new(days: Weekdays, from: MinuteOfDay, to: MinuteOfDay) -> Option<Self> {
        let is_empty = days.is_empty() || from == to || from == MinuteOfDay::END;
        // From 17:00 to 00:00 is to the end of the day.
        let to = if to == MinuteOfDay::FIRST { MinuteOfDay::END } else { to };
        (!is_empty).then_some(Self { days, from, to })
    }

    /// The days on which it begins.
    pub const fn days(self) -> Weekdays {
        self.days
    }

    /// When it begins.
    pub const fn from(self) -> MinuteOfDay {
        self.from
    }

    /// When it ends: the first minute that is not in it.
    pub const fn to(self) -> MinuteOfDay {
        self.to
    }

    /// Whether it goes on after midnight.
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

    /// Its parts, in minutes of a week: from and to, the end not included.
    pub(super) fn parts(self) -> Vec<(u16, u16)> {
        let week = 7 * MINUTES;
        let mut parts = Vec::new();
        for day in self.days.starts() {
            let from = day + self.from.0;
            let length = if self.crosses_midnight() {
                MINUTES - self.from.0 + self.to.0
            } else {
                self.to.0 - self.from.0
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

/// What is left out of a schedule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exceptions {
    /// Days.
    pub dates: Vec<DateRange>,
    /// Calendars, by name.
    pub calendars: Vec<Label>,
}

/// A schedule as somebody wrote it: open in any of the windows and on any of the days, but for the exceptions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScheduleSpec {
    /// Whose clocks count; those of the plan if it is left out.
    pub zone: Option<Zone>,
    /// Windows of the week.
    pub weekly: Vec<Window>,
    /// Days.
    pub dates: Vec<DateRange>,
    /// Calendars, by name.
    pub calendars: Vec<Label>,
    /// What is left out.
    pub except: Exceptions,
}

impl ScheduleSpec {
    /// Every calendar that it names.
    pub fn calendars(&self) -> impl Iterator<Item = &Label> {
        self.calendars.iter().chain(&self.except.calendars)
    }
}

/// A schedule that is ready to be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    pub(super) zone: Zone,
    pub(super) weekly: Vec<Window>,
    pub(super) days: Days,
    pub(super) except: Days,
}

impl Schedule {
    /// Whether it is open when the clocks of its zone show this.
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
    use proptest::prelude::*;

    use super::{MinuteOfDay, Weekdays, Window};

    fn minute(text: &str) -> MinuteOfDay {
        MinuteOfDay::parse(text).unwrap()
    }

    #[test]
    fn a_minute_of_the_day_is_written_in_one_way_only() {
        for text in ["00:00", "09:30", "23:59", "24:00"] {
            assert_eq!(minute(text).to_string(), text);
        }
        for wrong in ["24:01", "24:30", "9:00", "09:60", "0900", "", "09:00:00", "+9:00"] {
            assert_eq!(MinuteOfDay::parse(wrong), None, "{wrong}");
        }
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

    proptest! {
        #[test]
        fn days_are_written_as_they_are_read(bits in 1..128u8) {
            let days = Weekdays(bits);
            let read = days.names().filter_map(Weekdays::parse).fold(Weekdays::default(), Weekdays::and);
            prop_assert_eq!(read, days);
        }
    }
}
