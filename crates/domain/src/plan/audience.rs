//! Conditions of rules on callers and senders.

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

/// A share of all callers, with two decimals of a percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share(u16);

impl Share {
    /// All callers.
    pub const ALL: Self = Self(10_000);

    /// Creates a share of 1 to 10,000 hundredths of a percent; `None` outside this range.
    pub fn of_hundredths(hundredths: u16) -> Option<Self> {
        (1..=10_000).contains(&hundredths).then_some(Self(hundredths))
    }

    /// The share in hundredths of a percent, 1 to 10,000.
    pub const fn hundredths(self) -> u16 {
        self.0
    }
}

/// Parsed conditions on a caller. Every condition that is given must hold; a condition holds if one of its values
/// matches. Numbers and lists together are one condition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audience {
    /// The country is one of these.
    pub countries: Vec<Country>,
    /// The state or province, as Twilio reports it, is one of these.
    pub states: Vec<Label>,
    /// The city, as Twilio reports it, is one of these.
    pub cities: Vec<Label>,
    /// The postal code begins with one of these.
    pub postal_codes: Vec<Label>,
    /// The number begins with one of these, for example `+1415`.
    pub prefixes: Vec<String>,
    /// The number is one of these.
    pub numbers: Vec<PhoneNumber>,
    /// The number is in one of these lists, by name.
    pub lists: Vec<Label>,
    /// Whether the number is withheld.
    pub withheld: Option<bool>,
}

#[cfg(test)]
mod tests {
    use super::{Attestation, Country, Share};

    #[test]
    fn only_a_passed_verdict_is_an_attestation() {
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
    fn a_share_is_above_zero_and_at_most_all_callers() {
        assert_eq!(Share::of_hundredths(1_000).map(Share::hundredths), Some(1_000));
        assert_eq!((Share::of_hundredths(0), Share::of_hundredths(10_001)), (None, None));
    }
}
