//! Instants as people write them: an age, a day, or RFC 3339.

use switchboard_domain::time::Timestamp;

/// Parses `24h`, `2026-11-28` (UTC) or an RFC 3339 time, relative to now.
pub fn parse(text: &str, now: Timestamp) -> Result<Timestamp, String> {
    let text = text.trim();
    let at = age(text).map(|seconds| now.plus_seconds(-seconds)).or_else(|| point(text));
    at.filter(|at| is_storable(*at)).ok_or_else(|| {
        "is not a valid time; use an age such as 24h or 7d, a day such as 2026-11-28, or a time such as 2026-11-28T17:00:00Z"
            .to_owned()
    })
}

/// Parses a time ahead: `90d`, `2026-11-28` (UTC) or an RFC 3339 time, relative to now.
pub fn ahead(text: &str, now: Timestamp) -> Result<Timestamp, String> {
    let text = text.trim();
    let at = age(text).map(|seconds| now.plus_seconds(seconds)).or_else(|| point(text));
    at.filter(|at| is_storable(*at)).ok_or_else(|| {
        "is not a valid time; use a duration such as 90d or 12h, a day such as 2026-11-28, or a time such as 2026-11-28T17:00:00Z"
            .to_owned()
    })
}

/// Whether an instant is in the years 1 to 9999, which every database stores.
pub(crate) fn is_storable(at: Timestamp) -> bool {
    const FIRST: Timestamp = Timestamp::from_seconds(-62_135_596_800);
    const END: Timestamp = Timestamp::from_seconds(253_402_300_800);
    (FIRST..END).contains(&at)
}

/// Parses `2026-11-28` (UTC) or an RFC 3339 time.
pub fn point(text: &str) -> Option<Timestamp> {
    if let Ok(at) = text.parse::<jiff::Timestamp>() {
        return Some(Timestamp::from_micros(at.as_microsecond()));
    }
    // A time without an offset would be read as a day.
    let day = text.parse::<jiff::civil::Date>().ok().filter(|_| text.len() == "2026-11-28".len());
    let midnight = jiff::tz::TimeZone::UTC.to_timestamp(day?.at(0, 0, 0, 0)).ok()?;
    Some(Timestamp::from_seconds(midnight.as_second()))
}

/// The seconds of an age such as `90s`, `15m`, `24h`, `7d` or `2w`.
fn age(text: &str) -> Option<i64> {
    let unit = text.chars().next_back()?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 24 * 3_600,
        'w' => 7 * 24 * 3_600,
        _ => return None,
    };
    let count: u32 = text.strip_suffix(unit)?.parse().ok()?;
    i64::from(count).checked_mul(seconds)
}

#[cfg(test)]
mod tests {
    use switchboard_domain::time::Timestamp;

    use super::{ahead, parse};

    const NOW: Timestamp = Timestamp::from_seconds(1_795_000_000);

    #[test]
    fn a_duration_leads_ahead() {
        let seconds = |text| ahead(text, NOW).map(Timestamp::seconds);
        assert_eq!(seconds("90d"), Ok(1_795_000_000 + 90 * 24 * 3_600));
        assert_eq!(seconds("1970-01-02"), Ok(86_400));
        assert!(seconds("soon").unwrap_err().contains("90d"));
    }

    #[test]
    fn an_age_a_day_and_a_time_are_read() {
        let seconds = |text| parse(text, NOW).map(Timestamp::seconds);
        assert_eq!(seconds("24h"), Ok(1_795_000_000 - 24 * 3_600));
        assert_eq!(seconds("90s"), Ok(1_795_000_000 - 90));
        assert_eq!(seconds("2w"), Ok(1_795_000_000 - 14 * 24 * 3_600));
        assert_eq!(seconds("1970-01-02"), Ok(86_400));
        assert_eq!(seconds("1970-01-01T01:00:00+01:00"), Ok(0));
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "h",
            "yesterday",
            "2026-02-30",
            "2026-11-28T25:00:00Z",
            "-1h",
            "1y",
            "2026-11-28T10:00",
            "é",
            "9999999d",
            "-009999-01-02T00:00:00Z",
        ] {
            assert!(parse(text, NOW).is_err(), "{text}");
        }
    }
}
