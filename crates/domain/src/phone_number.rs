//! Phone numbers in E.164: a plus and at most 15 digits.

use std::fmt;

use crate::withheld;

/// Maximum number of digits after the plus (ITU-T E.164).
const MAX_DIGITS: usize = 15;
/// Minimum number of digits of a reachable number, including its country code.
const MIN_DIGITS: usize = 7;

/// A phone number in E.164. `Debug` shows its last two digits only.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhoneNumber {
    bytes: [u8; MAX_DIGITS + 1],
    length: u8,
}

/// The text is not a valid phone number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PhoneNumberError {
    /// The text is empty.
    #[error("is empty; write it with its country code, for example +14155550100")]
    Empty,
    /// There is no leading plus, so the country is unknown.
    #[error("has no country code; start with a plus, for example +14155550100")]
    NoCountryCode,
    /// The country code starts with a zero, which none does.
    #[error("has a country code that starts with 0; write +44 20…, not +044 20… or 0044 20…")]
    LeadingZero,
    /// There is a trunk zero in brackets, which is dialed only within the country.
    #[error(
        "contains (0), which is dialed only within the country; write +44 20…, not +44 (0) 20…"
    )]
    TrunkZero,
    /// There is a letter or another invalid character.
    #[error("contains a character that is not valid in a phone number")]
    ForeignCharacter,
    /// There are fewer than 7 digits.
    #[error("is too short for a phone number with its country code")]
    TooShort,
    /// There are more than 15 digits.
    #[error("is longer than the 15 digits that E.164 allows")]
    TooLong,
}

impl PhoneNumber {
    /// Parses strict E.164, as Twilio sends it: `+` and digits only.
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

    /// Parses a number as people type it: `+1 (415) 555-0100`, `+44.20.7946.0958`, with any spaces.
    ///
    /// Refuses a number without a country code, and one with a trunk zero in brackets, instead of guessing.
    pub fn parse_typed(text: &str) -> Result<Self, PhoneNumberError> {
        let mut digits = String::with_capacity(text.len());
        let mut bracket = None;
        for character in text.chars() {
            match character {
                '+' if digits.is_empty() => digits.push('+'),
                '0'..='9' => digits.push(character),
                '(' => bracket = Some(digits.len()),
                ')' if bracket.take().is_some_and(|start| &digits[start..] == "0") => {
                    return Err(PhoneNumberError::TrunkZero);
                }
                ' ' | ')' | '-' | '.' | '/' | '\u{a0}' | '\u{2010}'..='\u{2013}' => {}
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
        // The bytes were checked to be ASCII, and nothing changes them.
        std::str::from_utf8(&self.bytes[..usize::from(self.length)]).unwrap_or_default()
    }

    /// The digits, four bits each: a compact, unique key, because no number starts with a zero.
    pub fn digits(&self) -> u64 {
        let digits = &self.bytes[1..usize::from(self.length)];
        digits.iter().fold(0, |read, digit| read << 4 | u64::from(digit & 0xf))
    }

    /// Whether the number starts with `prefix`, which includes the plus.
    pub(crate) fn starts_with(&self, prefix: &str) -> bool {
        self.bytes[..usize::from(self.length)].starts_with(prefix.as_bytes())
    }

    /// Whether carriers send this number in place of a withheld caller ID, so that no caller has it.
    pub fn is_withheld_spelling(&self) -> bool {
        withheld::is_keypad_spelling(self.as_str())
    }

    /// The number for logs: the last two digits only.
    pub fn masked(&self) -> Masked<'_> {
        Masked(self.as_str())
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.masked(), f)
    }
}

/// Displays the last two characters of a text only.
pub struct Masked<'a>(&'a str);

impl<'a> Masked<'a> {
    /// Masks `text` except for its last two characters. A text of up to four characters is masked completely.
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
    fn typed_numbers_become_e164() {
        for typed in [
            "+1 (415) 555-0100",
            " +1.415.555.0100 ",
            "(+1) 415-555-0100",
            "+14155550100",
            "+1\u{a0}415\u{2011}555\u{2013}0100",
        ] {
            assert_eq!(PhoneNumber::parse_typed(typed).unwrap().as_str(), "+14155550100");
        }
    }

    #[test]
    fn an_invalid_number_is_refused_with_the_reason() {
        let refused = [
            ("", PhoneNumberError::Empty),
            ("4155550100", PhoneNumberError::NoCountryCode),
            ("(415) 555-0100", PhoneNumberError::NoCountryCode),
            ("0044 20 7946 0958", PhoneNumberError::LeadingZero),
            ("+044 20 7946 0958", PhoneNumberError::LeadingZero),
            ("+44 (0) 20 7946 0958", PhoneNumberError::TrunkZero),
            ("+44(0)2079460958", PhoneNumberError::TrunkZero),
            ("+49 ( 0 ) 30 901820", PhoneNumberError::TrunkZero),
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
    fn strict_e164_has_no_punctuation() {
        assert_eq!(PhoneNumber::parse("+1 415 555 0100"), Err(PhoneNumberError::ForeignCharacter));
    }

    #[test]
    fn debug_shows_only_the_last_two_digits() {
        let number = PhoneNumber::parse("+14155550142").unwrap();
        assert_eq!(format!("{number:?}"), "…42");
        assert_eq!(Masked::new("ab").to_string(), "…");
    }

    #[test]
    fn each_digit_takes_four_bits() {
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
