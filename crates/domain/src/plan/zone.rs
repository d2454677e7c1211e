//! Time zones by IANA name, from a compiled-in database: the same on every machine, and without I/O.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use jiff::tz::{Offset, TimeZone, TimeZoneDatabase};

use super::calendar::LocalDate;
use super::clock_time::{MinuteOfDay, Weekday};
use crate::time::Timestamp;

/// A text that is not an IANA time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not a time zone of the IANA database; write for example America/New_York")]
pub struct ZoneError;

/// The Unix seconds for which UTC offsets are precomputed: the years 2025 to 2050. Offsets of other times are computed on
/// demand.
const PRECOMPUTED: Range<i64> = 1_735_689_600..2_556_144_000;

/// A time zone.
#[derive(Clone)]
pub struct Zone {
    name: String,
    rules: TimeZone,
    /// The UTC offset from each Unix second on, in those years.
    offsets: Arc<[(i64, Offset)]>,
}

/// Zones with the same name are equal.
impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Zone {}

/// The local date and time of an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WallClock {
    pub(crate) date: LocalDate,
    pub(crate) weekday: Weekday,
    pub(crate) minute: MinuteOfDay,
}

impl Zone {
    /// Parses an IANA name such as `Europe/London`, in any case.
    pub fn parse(name: &str) -> Result<Self, ZoneError> {
        let zone = TimeZoneDatabase::bundled().get(name).map_err(|_unknown| ZoneError)?;
        let name = zone.iana_name().unwrap_or(name).to_owned();
        Ok(Self::of(name, zone))
    }

    fn of(name: String, zone: TimeZone) -> Self {
        let first = jiff::Timestamp::from_second(PRECOMPUTED.start).unwrap_or_default();
        let changes = zone.following(first);
        let changes = changes.map(|change| (change.timestamp().as_second(), change.offset()));
        let changes = changes.take_while(|(from, _)| PRECOMPUTED.contains(from));
        let offsets = std::iter::once((PRECOMPUTED.start, zone.to_offset(first))).chain(changes);
        Self { name, offsets: offsets.collect(), rules: zone }
    }

    /// The IANA name.
    pub fn as_str(&self) -> &str {
        &self.name
    }

    /// Coordinated universal time.
    pub fn utc() -> Self {
        Self::of("Etc/UTC".to_owned(), TimeZone::UTC)
    }

    /// The local date and time of an instant.
    pub fn shown(&self, at: Timestamp) -> (LocalDate, MinuteOfDay) {
        let WallClock { date, minute, .. } = self.wall_clock(at);
        (date, minute)
    }

    /// The local date and time of an instant. An instant outside the calendar's years counts as the Unix epoch.
    pub(crate) fn wall_clock(&self, at: Timestamp) -> WallClock {
        let instant = jiff::Timestamp::from_second(at.seconds()).unwrap_or_default();
        let shown = match self.offset(at) {
            Some(offset) => offset.to_datetime(instant),
            None => self.rules.to_datetime(instant),
        };
        WallClock {
            date: LocalDate::of(shown.date()),
            weekday: Weekday::of(shown.weekday()),
            minute: MinuteOfDay::of(shown.time()),
        }
    }

    /// The precomputed UTC offset of an instant.
    fn offset(&self, at: Timestamp) -> Option<Offset> {
        if !PRECOMPUTED.contains(&at.seconds()) {
            return None;
        }
        let behind = self.offsets.partition_point(|(from, _)| *from <= at.seconds());
        self.offsets.get(behind.checked_sub(1)?).map(|(_, offset)| *offset)
    }

    /// The instants of a local date and time: none in the gap of a clock change, two in a repeated hour.
    pub(crate) fn instants(&self, date: LocalDate, minute: MinuteOfDay) -> Vec<Timestamp> {
        let Some(shown) = date.at(minute) else { return Vec::new() };
        let ambiguous = self.rules.to_ambiguous_timestamp(shown);
        let found = match ambiguous.offset() {
            jiff::tz::AmbiguousOffset::Unambiguous { offset } => vec![offset],
            jiff::tz::AmbiguousOffset::Gap { .. } => Vec::new(),
            jiff::tz::AmbiguousOffset::Fold { before, after } => vec![before, after],
        };
        let instants = found.into_iter().filter_map(|offset| offset.to_timestamp(shown).ok());
        instants.map(|instant| Timestamp::from_seconds(instant.as_second())).collect()
    }

    /// The next clock change after `at`.
    pub(crate) fn next_change(&self, at: Timestamp) -> Option<Timestamp> {
        let instant = jiff::Timestamp::from_second(at.seconds()).ok()?;
        let change = self.rules.following(instant).next()?;
        Some(Timestamp::from_seconds(change.timestamp().as_second()))
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{WallClock, Zone};
    use crate::time::Timestamp;

    const ZONES: [&str; 6] = [
        "America/New_York",
        "Australia/Lord_Howe",
        "Africa/Casablanca",
        "Africa/Monrovia",
        "Asia/Kolkata",
        "Etc/UTC",
    ];

    proptest! {
        #[test]
        fn precomputed_offsets_equal_those_of_the_database(
            name in prop::sample::select(&ZONES),
            second in -3_000_000_000..4_000_000_000i64,
        ) {
            let zone = Zone::parse(name).unwrap();
            let beforehand = zone.wall_clock(Timestamp::from_seconds(second));
            let instant = jiff::Timestamp::from_second(second).unwrap();
            let shown = zone.rules.to_datetime(instant);
            prop_assert_eq!(beforehand, WallClock {
                date: super::LocalDate::of(shown.date()),
                weekday: super::Weekday::of(shown.weekday()),
                minute: super::MinuteOfDay::of(shown.time()),
            });
        }
    }

    #[test]
    fn offsets_around_every_clock_change_equal_those_of_the_database() {
        for name in ZONES {
            let zone = Zone::parse(name).unwrap();
            for (from, _) in zone.offsets.iter() {
                for second in [from - 1, *from] {
                    let instant = jiff::Timestamp::from_second(second).unwrap();
                    let shown = zone.rules.to_datetime(instant);
                    let minute = zone.wall_clock(Timestamp::from_seconds(second)).minute;
                    assert_eq!(minute, super::MinuteOfDay::of(shown.time()), "{name} {second}");
                }
            }
        }
    }

    #[test]
    fn a_zone_is_known_by_its_iana_name_in_any_case() {
        assert_eq!(Zone::parse("america/new_york").unwrap().as_str(), "America/New_York");
        for wrong in ["EST5", "New York", "", "Mars/Olympus"] {
            assert!(Zone::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_skipped_hour_has_no_instant_and_a_repeated_hour_has_two() {
        let zone = Zone::parse("America/New_York").unwrap();
        let at = |text: &str| {
            let shown: jiff::civil::DateTime = text.parse().unwrap();
            let date = super::LocalDate::of(shown.date());
            zone.instants(date, super::MinuteOfDay::of(shown.time())).len()
        };
        assert_eq!(at("2026-03-08T02:30:00"), 0);
        assert_eq!(at("2026-11-01T01:30:00"), 2);
        assert_eq!(at("2026-11-01T03:30:00"), 1);
    }

    #[test]
    fn the_next_clock_change_is_found() {
        let zone = Zone::parse("Europe/London").unwrap();
        let change = zone.next_change(Timestamp::from_seconds(1_795_000_000)).unwrap();
        assert_eq!(change.seconds(), 1_806_195_600); // 2027-03-28T01:00:00Z
        let utc = Zone::parse("Etc/UTC").unwrap();
        assert_eq!(utc.next_change(Timestamp::from_seconds(0)), None);
    }
}
