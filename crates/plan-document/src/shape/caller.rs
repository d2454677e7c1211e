//! Who calls or writes.

use schemars::JsonSchema;
use serde::Serialize;
use switchboard_domain::agent::Label;
use switchboard_domain::plan::Audience;

use super::texts::{Country, Name, PhoneNumber, Prefix};

/// Who calls or writes. Every kind that is given must hold; within a kind, one of its entries must. Numbers and lists are
/// one kind.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Caller<'a> {
    /// In one of these countries.
    #[serde(skip_serializing_if = "super::is_empty")]
    countries: Vec<Country<'a>>,
    /// In one of these states or provinces, as Twilio reports them.
    #[serde(skip_serializing_if = "super::is_empty")]
    states: Vec<Name<'a>>,
    /// In one of these cities, as Twilio reports them.
    #[serde(skip_serializing_if = "super::is_empty")]
    cities: Vec<Name<'a>>,
    /// With a postal code that begins so.
    #[serde(skip_serializing_if = "super::is_empty")]
    postal_codes: Vec<Name<'a>>,
    /// With a number that begins so.
    #[serde(skip_serializing_if = "super::is_empty")]
    prefixes: Vec<Prefix<'a>>,
    /// With one of these numbers.
    #[serde(skip_serializing_if = "super::is_empty")]
    numbers: Vec<PhoneNumber<'a>>,
    /// With a number of one of these lists, by name.
    #[serde(skip_serializing_if = "super::is_empty")]
    lists: Vec<Name<'a>>,
    /// Whether the number is withheld.
    #[serde(skip_serializing_if = "Option::is_none")]
    withheld: Option<bool>,
}

impl<'a> From<&'a Audience> for Caller<'a> {
    fn from(audience: &'a Audience) -> Self {
        let numbers = audience.numbers.iter();
        Self {
            countries: audience.countries.iter().map(|country| Country(country.as_str())).collect(),
            states: names(&audience.states),
            cities: names(&audience.cities),
            postal_codes: names(&audience.postal_codes),
            prefixes: audience.prefixes.iter().map(|prefix| Prefix(prefix)).collect(),
            numbers: numbers.map(|number| PhoneNumber(number.as_str())).collect(),
            lists: names(&audience.lists),
            withheld: audience.withheld,
        }
    }
}

pub(super) fn names(labels: &[Label]) -> Vec<Name<'_>> {
    labels.iter().map(|label| Name(label.as_str())).collect()
}
