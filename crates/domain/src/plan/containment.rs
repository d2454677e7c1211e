//! Whether one schedule is open only while another one is.
//!
//! Whether a schedule is open depends on the date, the day of the week and the minute that local clocks show, so two
//! schedules of one zone are compared by local time alone, for every date at once: the dates on which neither has an
//! entry are alike but for the day of the week, and so are the dates between two borders of entries.

use super::calendar::{DateRange, Days, LocalDate};
use super::clock_time::MINUTES;
use super::schedule::{Schedule, Window};

const WEEK: u16 = 7 * MINUTES;

/// Minutes of the week as disjoint parts in order: start, and end (not included).
struct WeekParts(Vec<(u16, u16)>);

impl WeekParts {
    fn of(windows: &[Window]) -> Self {
        let mut parts: Vec<_> = windows.iter().flat_map(|window| window.parts()).collect();
        parts.sort_unstable();
        let mut merged: Vec<(u16, u16)> = Vec::with_capacity(parts.len());
        for (from, to) in parts {
            match merged.last_mut() {
                Some(last) if from <= last.1 => last.1 = last.1.max(to),
                _ => merged.push((from, to)),
            }
        }
        Self(merged)
    }

    /// The parts within a day of the week.
    fn day(&self, start: u16) -> impl Iterator<Item = (u16, u16)> {
        let end = start + MINUTES;
        let within = move |(from, to): &(u16, u16)| ((*from).max(start), (*to).min(end));
        self.0.iter().map(within).filter(|(from, to)| from < to)
    }

    fn covers(&self, (from, to): (u16, u16)) -> bool {
        self.0.iter().any(|own| own.0 <= from && to <= own.1)
    }
}

impl Schedule {
    /// Whether it is always open.
    pub(super) fn is_always_open(&self) -> bool {
        self.except.is_empty() && WeekParts::of(&self.weekly).covers((0, WEEK))
    }

    /// Whether it has dates, each of which is excepted, and nothing else.
    pub(super) fn is_never_open(&self) -> bool {
        let is_excepted = |range: &DateRange| {
            let mut except = self.except.ranges().iter();
            except.any(|except| except.contains(range.first()) && except.contains(range.last()))
        };
        self.weekly.is_empty()
            && !self.days.is_empty()
            && self.days.ranges().iter().all(is_excepted)
    }

    /// Whether it is certainly open only while `wide` is.
    pub(super) fn is_within(&self, wide: &Self) -> bool {
        if wide.is_always_open() {
            return true;
        }
        if self.zone != wide.zone {
            return false;
        }
        let (own_week, wide_week) = (WeekParts::of(&self.weekly), WeekParts::of(&wide.weekly));
        if !own_week.0.iter().all(|part| wide_week.covers(*part)) {
            return false;
        }
        let is_within_day = |date: LocalDate, start: u16| {
            let day = (start, start + MINUTES);
            let covers = |part| {
                !wide.except.contains(date) && (wide.days.contains(date) || wide_week.covers(part))
            };
            self.except.contains(date)
                || if self.days.contains(date) {
                    covers(day)
                } else {
                    own_week.day(start).all(covers)
                }
        };
        // Other dates than those between borders are as the week is.
        let borders = self.borders(wide);
        borders.iter().enumerate().all(|(place, first)| {
            let next = borders.get(place + 1);
            let days = std::iter::successors(Some(*first), |day| day.after());
            let mut days = days.take_while(|day| next.is_none_or(|next| day < next)).take(7);
            days.all(|day| is_within_day(*first, day.weekday().start()))
        })
    }

    /// The dates at which an entry of one of the schedules begins, or has just ended.
    fn borders(&self, other: &Self) -> Vec<LocalDate> {
        let entries = [&self.days, &self.except, &other.days, &other.except];
        let mut borders: Vec<_> = entries
            .into_iter()
            .flat_map(Days::ranges)
            .flat_map(|range| [Some(range.first()), range.last().after()])
            .flatten()
            .collect();
        borders.sort_unstable();
        borders.dedup();
        borders
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::calendar::{DateRange, Days, LocalDate};
    use super::super::clock_time::{MinuteOfDay, Weekdays};
    use super::super::schedule::{Schedule, Window};
    use super::super::zone::{WallClock, Zone};

    fn date(day: u8) -> LocalDate {
        LocalDate::parse(&format!("2026-12-{day:02}")).unwrap()
    }

    fn window() -> impl Strategy<Value = Window> {
        (1..128u8, 0..8u16, 0..9u16).prop_filter_map("a window has a length", |(days, from, to)| {
            let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
                .into_iter()
                .enumerate()
                .filter(|(place, _)| days >> place & 1 == 1)
                .filter_map(|(_, name)| Weekdays::parse(name))
                .fold(Weekdays::default(), Weekdays::and);
            let minute = |part: u16| MinuteOfDay::parse(&format!("{:02}:00", part * 3)).unwrap();
            Window::new(days, minute(from), minute(to))
        })
    }

    fn days() -> impl Strategy<Value = Days> {
        let range = (1..28u8, 0..12u8).prop_map(|(first, more)| {
            DateRange::new(date(first), date((first + more).min(31))).unwrap()
        });
        prop::collection::vec(range, 0..3).prop_map(Days::of)
    }

    fn schedule() -> impl Strategy<Value = Schedule> {
        (prop::collection::vec(window(), 0..4), days(), days())
            .prop_map(|(weekly, days, except)| Schedule { zone: Zone::utc(), weekly, days, except })
    }

    /// Every third hour from November to January: windows begin and end at such hours.
    fn clocks() -> impl Iterator<Item = WallClock> {
        let first = LocalDate::parse("2026-11-20").unwrap();
        let days = std::iter::successors(Some(first), |day| day.after()).take(60);
        days.flat_map(|date| {
            (0..8).map(move |part| WallClock {
                date,
                weekday: date.weekday(),
                minute: MinuteOfDay::parse(&format!("{:02}:00", part * 3)).unwrap(),
            })
        })
    }

    proptest! {
        #[test]
        fn a_schedule_is_within_another_one_exactly_if_it_is_at_every_time(
            narrow in schedule(),
            wide in schedule(),
            is_part in any::<bool>(),
        ) {
            // Unrelated schedules are seldom within each other.
            let mut wide = wide;
            if is_part {
                wide.weekly.extend(&narrow.weekly);
            }
            let expected = clocks().all(|shown| !narrow.is_open(shown) || wide.is_open(shown));
            prop_assert_eq!(narrow.is_within(&wide), expected);
            prop_assert_eq!(wide.is_always_open(), clocks().all(|shown| wide.is_open(shown)));
            if narrow.is_never_open() {
                prop_assert!(clocks().all(|shown| !narrow.is_open(shown)));
            }
        }
    }
}
