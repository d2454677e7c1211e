//! Phone numbers in E.164: a plus and at most 15 digits.

use std::fmt;

/// Most digits that E.164 allows after the plus.
const MAX_DIGITS: usize = 15;
/// Fewest digits that a reachable number has after the plus, country code included.
const MIN_DIGITS: usize = 7;

/// A phone number in E.164. `Debug` and logs show its last two digits only.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhoneNumber {
    bytes: [u8; MAX_DIGITS + 1],
    length: u8,
}

/// Why a text is not a phone number that we keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PhoneNumberError {
    /// Nothing was given.
    #[error("is empty; write it with its country code, for example +14155550100")]
    Empty,
    /// No leading plus, so the country is a guess.
    #[error("has no country code; start with a plus, for example +14155550100")]
    NoCountryCode,
    /// A country code never starts with a zero.
    #[error("has a country code that starts with 0; write +44 20…, not +044 20… or 0044 20…")]
    LeadingZero,
    /// A letter or a sign that has no place in a number.
    #[error("contains a character that has no place in a phone number")]
    ForeignCharacter,
    /// Fewer digits than a reachable number has.
    #[error("is too short for a phone number with its country code")]
    TooShort,
    /// More digits than E.164 allows.
    #[error("is longer than the 15 digits that E.164 allows")]
    TooLong,
}

impl PhoneNumber {
    /// Parses strict E.164, as Twilio sends it: `+` and digits, nothing else.
    pub fn parse(text: &str) -> Result<Self, PhoneNumberError> {
        let digits = match text.strip_prefix('+') {
            Some(digits) => digits,
            None if text.is_empty() => return Err(PhoneNumberError::Empty),
            None => return Err(PhoneNumberError::NoCountryCode),
        };
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(PhoneNumberError::ForeignCharacter);
        }
        if digits.starts_with('0') {
            return Err(PhoneNumberError::LeadingZero);
        }
        if digits.len() < MIN_DIGITS {
            return Err(PhoneNumberError::TooShort);
        }
        if digits.len() > MAX_DIGITS {
            return Err(PhoneNumberError::TooLong);
        }
        let mut bytes = [0; MAX_DIGITS + 1];
        bytes[..text.len()].copy_from_slice(text.as_bytes());
        Ok(Self { bytes, length: u8::try_from(text.len()).unwrap_or_default() })
    }

    /// Parses what a person types: `+1 (415) 555-0100`, `+44.20.7946.0958`, with any spaces around.
    ///
    /// A number without its country code is refused rather than guessed.
    pub fn parse_typed(text: &str) -> Result<Self, PhoneNumberError> {
        let mut digits = String::with_capacity(text.len());
        for character in text.chars() {
            match character {
                '+' if digits.is_empty() => digits.push('+'),
                '0'..='9' => digits.push(character),
                ' ' | '(' | ')' | '-' | '.' | '/' | '\u{a0}' | '\u{2010}'..='\u{2013}' => {}
                _ => return Err(PhoneNumberError::ForeignCharacter),
            }
        }
        if digits.starts_with("00") {
            return Err(PhoneNumberError::LeadingZero);
        }
        Self::parse(&digits)
    }

    /// The number as `+` and digits.
    pub fn as_str(&self) -> &str {
        // The bytes were ASCII when they were parsed, and nothing changes them.
        std::str::from_utf8(&self.bytes[..usize::from(self.length)]).unwrap_or_default()
    }

    /// The digits, four bits each: small, and another value for every phone number, as none begins with a zero.
    pub fn digits(&self) -> u64 {
        let digits = &self.bytes[1..usize::from(self.length)];
        digits.iter().fold(0, |read, digit| read << 4 | u64::from(digit & 0xf))
    }

    /// Whether the number begins so, plus included.
    pub(crate) fn starts_with(&self, prefix: &str) -> bool {
        self.bytes[..usize::from(self.length)].starts_with(prefix.as_bytes())
    }

    /// The number for logs: all but its last two digits hidden.
    pub fn masked(&self) -> Masked<'_> {
        Masked(self.as_str())
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.masked(), f)
    }
}

/// Shows only the last two characters of what it holds.
pub struct Masked<'a>(&'a str);

impl<'a> Masked<'a> {
    /// Hides all of `text` but its last two characters; a shorter text is hidden whole.
    pub fn new(text: &'a str) -> Self {
        Self(text)
    }
}

impl fmt::Display for Masked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = match self.0.char_indices().rev().nth(1) {
            Some((start, _)) if start > 2 => &self.0[start..],
            _ => "",
        };
        write!(f, "…{shown}")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Masked, PhoneNumber, PhoneNumberError};

    #[test]
    fn what_a_person_types_becomes_e164() {
        for typed in [
            "+1 (415) 555-0100",
            " +1.415.555.0100 ",
            "+14155550100",
            "+1\u{a0}415\u{2011}555\u{2013}0100",
        ] {
            assert_eq!(PhoneNumber::parse_typed(typed).unwrap().as_str(), "+14155550100");
        }
    }

    #[test]
    fn what_cannot_be_a_number_is_refused_with_the_reason() {
        let refused = [
            ("", PhoneNumberError::Empty),
            ("4155550100", PhoneNumberError::NoCountryCode),
            ("(415) 555-0100", PhoneNumberError::NoCountryCode),
            ("0044 20 7946 0958", PhoneNumberError::LeadingZero),
            ("+044 20 7946 0958", PhoneNumberError::LeadingZero),
            ("+1415CALLNOW", PhoneNumberError::ForeignCharacter),
            ("+1+4155550100", PhoneNumberError::ForeignCharacter),
            ("+123", PhoneNumberError::TooShort),
            ("+1234567890123456", PhoneNumberError::TooLong),
        ];
        for (typed, reason) in refused {
            assert_eq!(PhoneNumber::parse_typed(typed), Err(reason), "{typed}");
        }
    }

    #[test]
    fn the_strict_form_takes_no_punctuation() {
        assert_eq!(PhoneNumber::parse("+1 415 555 0100"), Err(PhoneNumberError::ForeignCharacter));
    }

    #[test]
    fn debug_shows_the_last_two_digits_only() {
        let number = PhoneNumber::parse("+14155550142").unwrap();
        assert_eq!(format!("{number:?}"), "…42");
        assert_eq!(Masked::new("ab").to_string(), "…");
    }

    #[test]
    fn each_digit_is_told_by_four_bits() {
        for (number, digits) in
            [("+14155550100", 0x0141_5555_0100), ("+999999999999999", 0x0999_9999_9999_9999)]
        {
            assert_eq!(PhoneNumber::parse(number).unwrap().digits(), digits);
        }
    }

    proptest! {
        #[test]
        fn parsing_never_panics_and_is_stable(text in "\\PC{0,24}") {
            if let Ok(number) = PhoneNumber::parse_typed(&text) {
                prop_assert_eq!(PhoneNumber::parse(number.as_str()), Ok(number));
            }
        }
    }
}
