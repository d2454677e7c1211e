//! Time zones by their IANA names, from a database that is compiled in: the same everywhere, and no I/O.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use jiff::tz::{Offset, TimeZone, TimeZoneDatabase};

use super::calendar::LocalDate;
use super::schedule::{MinuteOfDay, Weekday};
use crate::time::Timestamp;

/// Why a text is not a time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not a time zone of the IANA database; write for example America/New_York")]
pub struct ZoneError;

/// The seconds whose clocks are looked up beforehand: those of the years 2025 to 2050, in which calls are made. All others
/// are looked up when they are asked for.
const KNOWN: Range<i64> = 1_735_689_600..2_556_144_000;

/// A time zone.
#[derive(Clone)]
pub struct Zone {
    name: String,
    rules: TimeZone,
    /// How far its clocks are from UTC, and from which second on, in those years.
    offsets: Arc<[(i64, Offset)]>,
}

/// Zones of one name are the same.
impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Zone {}

/// A moment as a clock on the wall of a zone shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WallClock {
    pub(crate) date: LocalDate,
    pub(crate) weekday: Weekday,
    pub(crate) minute: MinuteOfDay,
}

impl Zone {
    /// The zone of a name such as `Europe/London`.
    pub fn parse(name: &str) -> Result<Self, ZoneError> {
        let zone = TimeZoneDatabase::bundled().get(name).map_err(|_unknown| ZoneError)?;
        let name = zone.iana_name().unwrap_or(name).to_owned();
        Ok(Self::of(name, zone))
    }

    fn of(name: String, zone: TimeZone) -> Self {
        let first = jiff::Timestamp::from_second(KNOWN.start).unwrap_or_default();
        let changes = zone.following(first);
        let changes = changes.map(|change| (change.timestamp().as_second(), change.offset()));
        let changes = changes.take_while(|(from, _)| KNOWN.contains(from));
        let offsets = std::iter::once((KNOWN.start, zone.to_offset(first))).chain(changes);
        Self { name, offsets: offsets.collect(), rules: zone }
    }

    /// Its name.
    pub fn as_str(&self) -> &str {
        &self.name
    }

    /// Coordinated universal time.
    pub fn utc() -> Self {
        Self::of("Etc/UTC".to_owned(), TimeZone::UTC)
    }

    /// Day and minute that its clocks show at an instant.
    pub fn shown(&self, at: Timestamp) -> (LocalDate, MinuteOfDay) {
        let WallClock { date, minute, .. } = self.wall_clock(at);
        (date, minute)
    }

    /// What its clocks show at an instant. An instant beyond the calendar's years is shown as the epoch, which no
    /// clock of ours ever tells.
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

    /// How far the clocks are from UTC at an instant, where that was looked up beforehand.
    fn offset(&self, at: Timestamp) -> Option<Offset> {
        if !KNOWN.contains(&at.seconds()) {
            return None;
        }
        let behind = self.offsets.partition_point(|(from, _)| *from <= at.seconds());
        self.offsets.get(behind.checked_sub(1)?).map(|(_, offset)| *offset)
    }

    /// The instants at which clocks here show the beginning of a minute of a day: none in a gap, two where the hour
    /// is repeated.
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

    /// The next instant after `at` at which the clocks here are changed, if they ever are.
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
        fn what_was_looked_up_beforehand_is_what_the_database_says(
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
    fn the_seconds_around_every_change_are_as_the_database_says() {
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
    fn an_hour_that_is_skipped_never_shows_and_one_that_is_repeated_shows_twice() {
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
    fn the_next_change_of_the_clocks_is_known() {
        let zone = Zone::parse("Europe/London").unwrap();
        let change = zone.next_change(Timestamp::from_seconds(1_795_000_000)).unwrap();
        assert_eq!(change.seconds(), 1_806_195_600); // 2027-03-28T01:00:00Z
        let utc = Zone::parse("Etc/UTC").unwrap();
        assert_eq!(utc.next_change(Timestamp::from_seconds(0)), None);
    }
}
