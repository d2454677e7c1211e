//! Who calls or writes, as far as a rule can ask.

use std::fmt;

use crate::agent::Label;
use crate::phone_number::PhoneNumber;
use crate::string_enum;

/// A country by its two letters (ISO 3166-1), as Twilio reports it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country([u8; 2]);

impl Country {
    /// Parses two letters, in either case.
    pub fn parse(text: &str) -> Option<Self> {
        let [first, second] = *text.as_bytes() else { return None };
        let is_letter = first.is_ascii_alphabetic() && second.is_ascii_alphabetic();
        is_letter.then_some(Self([first.to_ascii_uppercase(), second.to_ascii_uppercase()]))
    }

    /// Two capital letters.
    pub fn as_str(&self) -> &str {
        // The bytes were ASCII when they were parsed, and nothing changes them.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

string_enum! {
    /// How far the caller's carrier vouches for the number (STIR/SHAKEN; Twilio, "Trusted calling: `StirVerstat`").
    /// A better one is less.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Attestation {
        /// For the caller and the number.
        A = "A",
        /// For the caller.
        B = "B",
        /// For neither.
        C = "C",
    }
}

impl Attestation {
    /// Reads `StirVerstat`: `TN-Validation-Passed-A`, and what Twilio may put behind it. What was not checked or did
    /// not pass vouches for nothing.
    pub fn of_verdict(verdict: &str) -> Option<Self> {
        let rest = verdict.strip_prefix("TN-Validation-Passed-")?;
        Self::parse(rest.split('-').next()?)
    }
}

/// A part of all callers, in hundredths of a percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share(u16);

impl Share {
    /// So many hundredths of a percent; none for nothing at all and for more than everybody.
    pub fn of_hundredths(hundredths: u16) -> Option<Self> {
        (1..=10_000).contains(&hundredths).then_some(Self(hundredths))
    }

    /// Hundredths of a percent.
    pub const fn hundredths(self) -> u16 {
        self.0
    }
}

/// Callers as somebody wrote them. Each kind that is given must hold; within a kind, one of its values must. Numbers and
/// lists are one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audience {
    /// In one of these countries.
    pub countries: Vec<Country>,
    /// In one of these states or provinces, as Twilio reports them.
    pub states: Vec<Label>,
    /// In one of these cities, as Twilio reports them.
    pub cities: Vec<Label>,
    /// With a postal code that begins so.
    pub postal_codes: Vec<Label>,
    /// With a number that begins so: `+1415`.
    pub prefixes: Vec<String>,
    /// With one of these numbers.
    pub numbers: Vec<PhoneNumber>,
    /// With a number of one of these lists, by name.
    pub lists: Vec<Label>,
    /// Whether the number is withheld.
    pub withheld: Option<bool>,
}

impl Audience {
    /// Whether it asks for nothing.
    pub fn is_anybody(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::{Attestation, Country, Share};

    #[test]
    fn a_verdict_vouches_only_if_it_passed() {
        for (verdict, expected) in [
            ("TN-Validation-Passed-A", Some(Attestation::A)),
            ("TN-Validation-Passed-B-Diverted", Some(Attestation::B)),
            ("TN-Validation-Failed-A", None),
            ("No-TN-Validation", None),
            ("TN-Validation-Passed-D", None),
            ("", None),
        ] {
            assert_eq!(Attestation::of_verdict(verdict), expected, "{verdict}");
        }
        assert!(Attestation::A < Attestation::B && Attestation::B < Attestation::C);
    }

    #[test]
    fn a_country_is_two_letters() {
        assert_eq!(Country::parse("us").unwrap().as_str(), "US");
        for wrong in ["", "U", "USA", "U1", "é"] {
            assert_eq!(Country::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_share_is_something_and_not_more_than_all() {
        assert_eq!(Share::of_hundredths(1_000).map(Share::hundredths), Some(1_000));
        assert_eq!((Share::of_hundredths(0), Share::of_hundredths(10_001)), (None, None));
    }
}
