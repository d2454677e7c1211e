//! Conditions on the caller.

use switchboard_domain::plan::Audience;

use super::NonEmpty;
use super::text::{Country, Name, PhoneNumber, Prefix};
use super::value::Flag;

object! {
    /// Conditions on the caller or sender. Every condition that is given must hold; a condition holds if one of its
    /// entries matches. `numbers` and `lists` together are one condition.
    Caller of caller: Audience, absent = "a caller, an object" {
        /// The caller's country is one of these.
        "countries" countries: NonEmpty<Country> = &caller.countries,
        /// The caller's state or province, as Twilio reports it, is one of these.
        "states" states: NonEmpty<Name> = &caller.states,
        /// The caller's city, as Twilio reports it, is one of these.
        "cities" cities: NonEmpty<Name> = &caller.cities,
        /// The caller's postal code begins with one of these.
        "postal_codes" postal_codes: NonEmpty<Name> = &caller.postal_codes,
        /// The caller's number begins with one of these.
        "prefixes" prefixes: NonEmpty<Prefix> = &caller.prefixes,
        /// The caller's number is one of these.
        "numbers" numbers: NonEmpty<PhoneNumber> = &caller.numbers,
        /// The caller's number is in one of these lists, by name.
        "lists" lists: NonEmpty<Name> = &caller.lists,
        /// Whether the caller's number is withheld.
        "withheld" withheld: Option<Flag> = &caller.withheld,
    }
    Ok(Audience { countries, states, cities, postal_codes, prefixes, numbers, lists, withheld })
}
