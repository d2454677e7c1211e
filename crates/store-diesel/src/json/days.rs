//! The stored form of the days of calendars.

use serde::{Deserialize, Serialize};
use switchboard_domain::plan::{DateRange, LocalDate};
use switchboard_domain::ports::StoreError;

use super::shape::{JsonError, read, write};

/// The stored form of a range of days: `{"from":"2026-12-24","to":"2026-12-26"}`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RangeJson {
    from: String,
    to: String,
}

/// Reads the days of a calendar.
pub(crate) fn read_days(text: &str) -> Result<Vec<DateRange>, JsonError> {
    read::<Vec<RangeJson>>(text)?.into_iter().map(DateRange::try_from).collect()
}

/// Writes the days of a calendar.
pub(crate) fn write_days(days: &[DateRange]) -> Result<String, StoreError> {
    let days: Vec<_> = days.iter().map(RangeJson::from).collect();
    write("catalogue.set_calendar", &days)
}

impl From<&DateRange> for RangeJson {
    fn from(days: &DateRange) -> Self {
        Self { from: days.first().to_string(), to: days.last().to_string() }
    }
}

impl TryFrom<RangeJson> for DateRange {
    type Error = JsonError;

    fn try_from(json: RangeJson) -> Result<Self, JsonError> {
        let day = |key, text: &str| LocalDate::parse(text).ok_or(JsonError::Value { key });
        let (first, last) = (day("from", &json.from)?, day("to", &json.to)?);
        Self::new(first, last).ok_or(JsonError::Value { key: "to" })
    }
}

#[cfg(test)]
mod tests {
    use switchboard_domain::plan::{DateRange, LocalDate};

    use super::{read_days, write_days};
    use crate::json::shape::JsonError;

    fn day(text: &str) -> LocalDate {
        LocalDate::parse(text).unwrap()
    }

    #[test]
    fn days_are_kept_by_their_first_and_last() {
        let days = [
            DateRange::day(day("2027-01-01")),
            DateRange::new(day("2026-12-24"), day("2026-12-26")).unwrap(),
        ];
        let text = write_days(&days).unwrap();
        let expected =
            r#"[{"from":"2027-01-01","to":"2027-01-01"},{"from":"2026-12-24","to":"2026-12-26"}]"#;
        assert_eq!(text, expected);
        assert_eq!(read_days(&text).unwrap(), days);
    }

    #[test]
    fn days_that_are_none_are_reported_by_their_place() {
        for (from, to, place) in [
            ("2026-13-01", "2026-12-24", "from"),
            ("2026-12-24", "", "to"),
            ("2026-12-25", "2026-12-24", "to"),
        ] {
            let error = read_days(&format!(r#"[{{"from":"{from}","to":"{to}"}}]"#)).unwrap_err();
            assert!(matches!(error, JsonError::Value { key } if key == place), "{error:?}");
        }
        assert!(matches!(read_days(r#"["2026-12-24"]"#), Err(JsonError::Shape { .. })));
    }
}
