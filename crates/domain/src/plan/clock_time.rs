//! Times of day and days of the week, as local clocks show them.

use std::fmt;

/// Minutes of a day.
pub(super) const MINUTES: u16 = 24 * 60;

/// A minute of the day, from 00:00 to 24:00.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MinuteOfDay(u16);

impl MinuteOfDay {
    /// 00:00, the start of the day.
    pub const FIRST: Self = Self(0);
    /// 24:00, the end of the day.
    pub const END: Self = Self(MINUTES);

    /// Parses `00:00` to `24:00`, always with two digits each.
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

    /// Minutes since midnight; `None` for 24:00.
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

    pub(super) const fn before(self) -> Self {
        Self((self.0 + 6) % 7)
    }

    /// The minute of the week at which the day starts.
    pub(super) fn start(self) -> u16 {
        u16::from(self.0) * MINUTES
    }

    pub(super) const fn name(self) -> &'static str {
        NAMES[self.0 as usize % NAMES.len()]
    }
}

/// The names of the days, Monday first.
const NAMES: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// A set of days of the week.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Weekdays(u8);

impl Weekdays {
    /// All seven days.
    pub const ALL: Self = Self(0x7f);

    /// A set of one day, by its name: `mon`, `tue`, `wed`, `thu`, `fri`, `sat` or `sun`.
    pub fn parse(name: &str) -> Option<Self> {
        NAMES.iter().position(|known| *known == name).map(|day| Self(1 << day))
    }

    /// The days of both sets.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether the set has no days.
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

    pub(super) const fn contains(self, day: Weekday) -> bool {
        self.0 >> day.0 & 1 == 1
    }

    /// The minute of the week at which each of the days starts.
    pub(super) fn starts(self) -> impl Iterator<Item = u16> {
        (0..7u16).filter(move |day| self.0 >> day & 1 == 1).map(|day| day * MINUTES)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{MinuteOfDay, Weekdays};

    #[test]
    fn a_time_of_day_has_exactly_one_notation() {
        for text in ["00:00", "09:30", "23:59", "24:00"] {
            assert_eq!(MinuteOfDay::parse(text).unwrap().to_string(), text);
        }
        for wrong in ["24:01", "24:30", "9:00", "09:60", "0900", "", "09:00:00", "+9:00"] {
            assert_eq!(MinuteOfDay::parse(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn weekdays_are_parsed_as_they_are_written(bits in 1..128u8) {
            let days = Weekdays(bits);
            let read = days.names().filter_map(Weekdays::parse).fold(Weekdays::default(), Weekdays::and);
            prop_assert_eq!(read, days);
        }
    }
}
