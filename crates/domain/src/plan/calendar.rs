//! Dates and ranges of dates.

use std::fmt;

use jiff::civil::{Date, DateTime};

use super::clock_time::{MinuteOfDay, Weekday};

/// A date without a time zone.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalDate(Date);

impl LocalDate {
    /// Parses `2026-12-24`.
    pub fn parse(text: &str) -> Option<Self> {
        let is_plain =
            text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        if is_plain { text.parse().ok().map(Self) } else { None }
    }

    pub(super) const fn of(date: Date) -> Self {
        Self(date)
    }

    pub(super) fn weekday(self) -> Weekday {
        Weekday::of(self.0.weekday())
    }

    /// The date before, even if a zone skipped it.
    pub(super) fn before(self) -> Option<Self> {
        self.0.yesterday().ok().map(Self)
    }

    /// The date after, even if a zone skipped it.
    pub(super) fn after(self) -> Option<Self> {
        self.0.tomorrow().ok().map(Self)
    }

    pub(super) fn at(self, minute: MinuteOfDay) -> Option<DateTime> {
        let (date, minute) = match minute.in_day() {
            Some(minute) => (self.0, minute),
            None => (self.0.tomorrow().ok()?, 0),
        };
        let hour = i8::try_from(minute / 60).ok()?;
        let minute = i8::try_from(minute % 60).ok()?;
        Some(date.at(hour, minute, 0, 0))
    }
}

impl fmt::Display for LocalDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl fmt::Debug for LocalDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Consecutive dates, the last one included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DateRange {
    first: LocalDate,
    last: LocalDate,
}

impl DateRange {
    /// The dates from `first` to `last`; `None` if `last` is before `first`.
    pub fn new(first: LocalDate, last: LocalDate) -> Option<Self> {
        (first <= last).then_some(Self { first, last })
    }

    /// A range of one date.
    pub const fn day(day: LocalDate) -> Self {
        Self { first: day, last: day }
    }

    /// The first date.
    pub const fn first(self) -> LocalDate {
        self.first
    }

    /// The last date, included.
    pub const fn last(self) -> LocalDate {
        self.last
    }

    /// Whether the date is in the range.
    pub fn contains(self, day: LocalDate) -> bool {
        self.first <= day && day <= self.last
    }
}

/// Sorted ranges of dates for binary search. Ranges that touch or overlap are merged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Days(Vec<DateRange>);

impl Days {
    pub(super) fn of(ranges: impl IntoIterator<Item = DateRange>) -> Self {
        let mut ranges: Vec<_> = ranges.into_iter().collect();
        ranges.sort_unstable();
        let mut merged: Vec<DateRange> = Vec::with_capacity(ranges.len());
        for range in ranges {
            match merged.last_mut() {
                Some(last) if range.first <= last.last.after().unwrap_or(last.last) => {
                    last.last = last.last.max(range.last);
                }
                _ => merged.push(range),
            }
        }
        Self(merged)
    }

    pub(super) fn contains(&self, day: LocalDate) -> bool {
        let behind = self.0.partition_point(|range| range.first <= day);
        behind > 0 && self.0[behind - 1].contains(day)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn ranges(&self) -> &[DateRange] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{DateRange, Days, LocalDate};

    fn day(text: &str) -> LocalDate {
        LocalDate::parse(text).unwrap()
    }

    #[test]
    fn a_date_has_exactly_one_notation() {
        assert_eq!(day("2026-12-24").to_string(), "2026-12-24");
        for wrong in ["2026-13-01", "2026-02-29", "24.12.2026", "2026-12-24T00:00", "20261224", ""]
        {
            assert_eq!(LocalDate::parse(wrong), None, "{wrong}");
        }
        assert_eq!(DateRange::new(day("2026-12-25"), day("2026-12-24")), None);
    }

    proptest! {
        #[test]
        fn merged_ranges_contain_the_same_dates(
            ranges in prop::collection::vec((1..28u8, 0..4u8), 0..8),
            asked in 1..=31u8,
        ) {
            let on = |day_of_month: u8| day(&format!("2026-12-{day_of_month:02}"));
            let ranges: Vec<_> = ranges
                .into_iter()
                .map(|(first, more)| DateRange::new(on(first), on((first + more).min(31))).unwrap())
                .collect();
            let expected = ranges.iter().any(|range| range.contains(on(asked)));
            prop_assert_eq!(Days::of(ranges).contains(on(asked)), expected);
        }
    }
}
