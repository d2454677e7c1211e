//! Days as the clocks of a zone show them, half hour by half hour.

use super::calendar::LocalDate;
use super::schedule::MinuteOfDay;
use super::zone::Zone;
use crate::time::Timestamp;

/// A day of the calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalDay {
    /// Which one.
    pub date: LocalDate,
    /// Its name: `mon`, `tue`, `wed`, `thu`, `fri`, `sat` or `sun`.
    pub weekday: &'static str,
    /// Its 48 half hours.
    pub half_hours: Vec<HalfHour>,
}

/// A half hour of a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HalfHour {
    /// What clocks show when it begins.
    pub begins: MinuteOfDay,
    /// When they show it: never where the hour is skipped, twice where it is repeated.
    pub instants: Vec<Timestamp>,
}

impl LocalDay {
    /// So many days in a row, as the clocks of a zone show them.
    pub fn row(zone: &Zone, first: LocalDate, days: u16) -> Vec<Self> {
        let mut next = Some(first);
        let mut row = Vec::with_capacity(usize::from(days));
        for _ in 0..days {
            let Some(date) = next else { break };
            let half_hours = MinuteOfDay::half_hours()
                .map(|begins| HalfHour { begins, instants: zone.instants(date, begins) });
            row.push(Self {
                date,
                weekday: date.weekday().name(),
                half_hours: half_hours.collect(),
            });
            next = date.after();
        }
        row
    }
}

#[cfg(test)]
mod tests {
    use super::LocalDay;
    use crate::plan::Zone;
    use crate::time::Timestamp;

    fn row(zone: &str, from: &str, days: u16) -> Vec<LocalDay> {
        let zone = Zone::parse(zone).unwrap();
        let from: jiff::Timestamp = from.parse().unwrap();
        let (first, _) = zone.shown(Timestamp::from_seconds(from.as_second()));
        LocalDay::row(&zone, first, days)
    }

    /// How often clocks show each half hour of a day.
    fn shown(day: &LocalDay) -> Vec<usize> {
        day.half_hours.iter().map(|half_hour| half_hour.instants.len()).collect()
    }

    #[test]
    fn a_week_begins_with_the_day_that_clocks_show() {
        // In New York it is still Sunday.
        let week = row("America/New_York", "2026-11-23T03:00:00Z", 7);
        let days: Vec<_> = week.iter().map(|day| format!("{} {}", day.weekday, day.date)).collect();
        assert_eq!((days.len(), &*days[0], &*days[6]), (7, "sun 2026-11-22", "sat 2026-11-28"));
        assert_eq!(shown(&week[0]), [1; 48]);
        assert_eq!(week[1].half_hours[18].begins.to_string(), "09:00");
        assert_eq!(week[1].half_hours[18].instants[0].seconds(), 1_795_442_400);
    }

    #[test]
    fn an_hour_that_is_skipped_never_comes_and_one_that_is_repeated_comes_twice() {
        let spring = row("America/New_York", "2026-03-08T12:00:00Z", 1);
        assert_eq!(shown(&spring[0])[3..7], [1, 0, 0, 1]);
        let autumn = row("America/New_York", "2026-11-01T12:00:00Z", 1);
        assert_eq!(shown(&autumn[0])[1..5], [1, 2, 2, 1]);
        // On Lord Howe it is half an hour.
        let half = row("Australia/Lord_Howe", "2026-10-03T15:00:00Z", 1);
        assert_eq!(shown(&half[0])[3..6], [1, 0, 1]);
    }

    #[test]
    fn a_day_that_was_skipped_as_a_whole_never_comes() {
        let apia = row("Pacific/Apia", "2011-12-29T12:00:00Z", 3);
        assert_eq!(
            (apia[1].date.to_string(), shown(&apia[1])),
            ("2011-12-30".to_owned(), vec![0; 48])
        );
        assert_eq!(shown(&apia[2]), [1; 48]);
    }
}
