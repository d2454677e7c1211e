//! Calendars and number lists as JSON.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use switchboard_domain::agent::Label;
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::plan::DateRange;
use utoipa::ToSchema;

use super::NumberDisplay;

/// A day, or the first and the last day of a range.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
#[schema(as = CalendarDay)]
pub enum CalendarDayObject {
    /// A day, such as `2026-12-24`.
    #[schema(title = "CalendarDate")]
    Day(String),
    /// All days from one to another.
    #[schema(title = "CalendarRange")]
    Range {
        /// The first day.
        from: String,
        /// The last day, included.
        to: String,
    },
}

impl CalendarDayObject {
    /// Renders a day or a range, as routing plans write it.
    pub fn of(range: DateRange) -> Self {
        let (from, to) = (range.first().to_string(), range.last().to_string());
        if from == to { Self::Day(from) } else { Self::Range { from, to } }
    }
}

/// A calendar, which routing plans and hours of agents refer to by its name.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Calendar)]
pub struct CalendarObject {
    /// Its name, which is unique in the organization.
    pub name: String,
    /// The organization that owns it.
    pub organization_id: String,
    /// Its days; not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub days: Option<Vec<CalendarDayObject>>,
}

impl CalendarObject {
    /// Renders a calendar without its days.
    pub fn of(name: &Label, organization: &OrganizationId) -> Self {
        let name = name.as_str().to_owned();
        Self { name, organization_id: organization.to_string(), days: None }
    }

    /// With its days.
    #[must_use]
    pub fn with_days(self, days: &[DateRange]) -> Self {
        Self { days: Some(days.iter().copied().map(CalendarDayObject::of).collect()), ..self }
    }
}

/// A list of phone numbers, which routing plans refer to by its name.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = NumberList)]
pub struct NumberListObject {
    /// Its name, which is unique in the organization.
    pub name: String,
    /// The organization that owns it.
    pub organization_id: String,
    /// Its numbers in order, masked except for their last two digits unless they are revealed; not in lists of lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub numbers: Option<Vec<String>>,
}

impl NumberListObject {
    /// Renders a list without its numbers.
    pub fn of(name: &Label, organization: &OrganizationId) -> Self {
        let name = name.as_str().to_owned();
        Self { name, organization_id: organization.to_string(), numbers: None }
    }

    /// With its numbers, each of them once.
    #[must_use]
    pub fn with_numbers(self, numbers: &[PhoneNumber], shown: NumberDisplay) -> Self {
        let numbers: BTreeMap<_, _> =
            numbers.iter().map(|number| (number.as_str(), number)).collect();
        let text = |number: &PhoneNumber| match shown {
            NumberDisplay::Masked => number.masked().to_string(),
            NumberDisplay::Revealed => number.as_str().to_owned(),
        };
        Self { numbers: Some(numbers.into_values().map(text).collect()), ..self }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use switchboard_domain::agent::Label;
    use switchboard_domain::organization::default_organization;
    use switchboard_domain::phone_number::PhoneNumber;
    use switchboard_domain::plan::{DateRange, LocalDate};

    use super::{CalendarObject, NumberListObject};
    use crate::objects::NumberDisplay;

    #[test]
    fn a_range_of_one_day_is_a_day() {
        let day = |text| LocalDate::parse(text).unwrap();
        let days = [
            DateRange::day(day("2026-11-26")),
            DateRange::new(day("2026-12-24"), day("2027-01-01")).unwrap(),
        ];
        let name = Label::parse("holidays").unwrap();
        let calendar = CalendarObject::of(&name, &default_organization());
        let listed =
            json!({ "name": "holidays", "organization_id": "org_00000000000000000000000000" });
        assert_eq!(serde_json::to_value(&calendar).unwrap(), listed);
        let shown = serde_json::to_value(calendar.with_days(&days)).unwrap();
        let range = json!({ "from": "2026-12-24", "to": "2027-01-01" });
        assert_eq!(shown["days"], json!(["2026-11-26", range]));
    }

    #[test]
    fn numbers_are_in_order_and_masked_unless_they_are_revealed() {
        let number = |text| PhoneNumber::parse(text).unwrap();
        let numbers = ["+14155550199", "+14155550177", "+14155550199"].map(number);
        let list = NumberListObject::of(&Label::parse("vip").unwrap(), &default_organization());
        let shown = |shown| list.clone().with_numbers(&numbers, shown).numbers.unwrap();
        assert_eq!(shown(NumberDisplay::Revealed), ["+14155550177", "+14155550199"]);
        assert_eq!(shown(NumberDisplay::Masked), ["…77", "…99"]);
    }
}
