//! Who calls or writes.

use switchboard_domain::plan::{Audience, Country};

use super::fields::Fields;
use super::place::{Place, Read, Reading};
use super::values::{flag, label, parsed, phone_number};
use crate::countries;

/// Longest beginning of a number: a plus and the 15 digits of E.164.
const LONGEST_PREFIX: usize = 16;

pub(super) fn audience(place: &Place<'_>, reading: &mut Reading) -> Read<Audience> {
    let mut fields = Fields::of(place, reading, "a caller, an object")?;
    let countries = fields.list("countries", reading, country);
    let states = fields.list("states", reading, label);
    let cities = fields.list("cities", reading, label);
    let postal_codes = fields.list("postal_codes", reading, label);
    let prefixes = fields.list("prefixes", reading, prefix);
    let numbers = fields.list("numbers", reading, phone_number);
    let lists = fields.list("lists", reading, label);
    let withheld = fields.optional("withheld", reading, flag);
    fields.finish(reading)?;
    Ok(Audience {
        countries: countries?,
        states: states?,
        cities: cities?,
        postal_codes: postal_codes?,
        prefixes: prefixes?,
        numbers: numbers?,
        lists: lists?,
        withheld: withheld?,
    })
}

fn country(place: &Place<'_>, reading: &mut Reading) -> Read<Country> {
    parsed(place, reading, |text| {
        let country = Country::parse(text).filter(|country| countries::is_known(country.as_str()));
        country.ok_or_else(|| {
            let hint = if text.eq_ignore_ascii_case("uk") {
                "the United Kingdom is GB"
            } else {
                "write its two letters (ISO 3166-1), for example US"
            };
            format!("is no country; {hint}")
        })
    })
}

fn prefix(place: &Place<'_>, reading: &mut Reading) -> Read<String> {
    parsed(place, reading, |text| {
        let digits = text.strip_prefix('+').unwrap_or_default();
        let is_prefix = text.len() <= LONGEST_PREFIX
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && !digits.is_empty()
            && !digits.starts_with('0');
        let what = "must be the beginning of a number with its country code, for example +1415";
        if is_prefix { Ok(text.to_owned()) } else { Err(what) }
    })
}
