//! Local days, divided into half hours.

use super::calendar::LocalDate;
use super::clock_time::MinuteOfDay;
use super::zone::Zone;
use crate::time::Timestamp;

/// A day of a time zone as a row of 48 half hours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalDay {
    /// The date in the time zone.
    pub date: LocalDate,
    /// The day of the week: `mon`, `tue`, `wed`, `thu`, `fri`, `sat` or `sun`.
    pub weekday: &'static str,
    /// The 48 half hours of the day, in order.
    pub half_hours: Vec<HalfHour>,
}

/// A half hour of a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HalfHour {
    /// The local time at which it begins.
    pub begins: MinuteOfDay,
    /// When it begins: no instant if the half hour is skipped, two if it is repeated.
    pub instants: Vec<Timestamp>,
}

impl LocalDay {
    /// A number of consecutive local days of a zone.
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

    /// How often each half hour of a day occurs.
    fn shown(day: &LocalDay) -> Vec<usize> {
        day.half_hours.iter().map(|half_hour| half_hour.instants.len()).collect()
    }

    #[test]
    fn a_week_begins_with_the_local_date() {
        // In New York it is still Sunday.
        let week = row("America/New_York", "2026-11-23T03:00:00Z", 7);
        let days: Vec<_> = week.iter().map(|day| format!("{} {}", day.weekday, day.date)).collect();
        assert_eq!((days.len(), &*days[0], &*days[6]), (7, "sun 2026-11-22", "sat 2026-11-28"));
        assert_eq!(shown(&week[0]), [1; 48]);
        assert_eq!(week[1].half_hours[18].begins.to_string(), "09:00");
        assert_eq!(week[1].half_hours[18].instants[0].seconds(), 1_795_442_400);
    }

    #[test]
    fn a_skipped_hour_does_not_occur_and_a_repeated_hour_occurs_twice() {
        let spring = row("America/New_York", "2026-03-08T12:00:00Z", 1);
        assert_eq!(shown(&spring[0])[3..7], [1, 0, 0, 1]);
        let autumn = row("America/New_York", "2026-11-01T12:00:00Z", 1);
        assert_eq!(shown(&autumn[0])[1..5], [1, 2, 2, 1]);
        // On Lord Howe it is half an hour.
        let half = row("Australia/Lord_Howe", "2026-10-03T15:00:00Z", 1);
        assert_eq!(shown(&half[0])[3..6], [1, 0, 1]);
    }

    #[test]
    fn a_skipped_day_does_not_occur() {
        let apia = row("Pacific/Apia", "2011-12-29T12:00:00Z", 3);
        assert_eq!(
            (apia[1].date.to_string(), shown(&apia[1])),
            ("2011-12-30".to_owned(), vec![0; 48])
        );
        assert_eq!(shown(&apia[2]), [1; 48]);
    }
}
