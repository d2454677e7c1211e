//! One spelling of a contact's number on all channels.
//!
//! `WhatsApp` identifies users of some countries by an older spelling of their mobile number than the one they call from:
//! Mexico +52 1 before the ten digits, Argentina +54 9 (which calls have, too), Brazil without the ninth digit (Meta,
//! "`WhatsApp` phone numbers"). Twilio passes them on unchanged.

use crate::phone_number::PhoneNumber;

/// The number by which a contact is known on calls and messages. It is only compared, never dialed.
pub(crate) fn contact_number(number: PhoneNumber) -> PhoneNumber {
    let digits = &number.as_str()[1..];
    let canonical = match digits.len() {
        // Mexico: 52 1 and ten digits.
        13 => (digits.strip_prefix("521").map(|rest| format!("+52{rest}")))
            // Argentina: 54 9 and ten digits.
            .or_else(|| digits.strip_prefix("549").map(|rest| format!("+54{rest}"))),
        // Brazil: 55, two digits of the area and eight of the line. A line that starts with 6 to 9 is a mobile, whose
        // first digit of nine is missing.
        12 => digits
            .strip_prefix("55")
            .filter(|rest| matches!(rest.as_bytes()[2], b'6'..=b'9'))
            .map(|rest| format!("+55{}9{}", &rest[..2], &rest[2..])),
        _ => None,
    };
    canonical.and_then(|text| PhoneNumber::parse(&text).ok()).unwrap_or(number)
}

/// All spellings of the number of a contact, the given one first.
pub(crate) fn spellings(number: PhoneNumber) -> Vec<PhoneNumber> {
    let contact = contact_number(number);
    let digits = &contact.as_str()[1..];
    let older = match digits.len() {
        12 => (digits.strip_prefix("52").map(|rest| format!("+521{rest}")))
            .or_else(|| digits.strip_prefix("54").map(|rest| format!("+549{rest}"))),
        13 => digits.strip_prefix("55").map(|rest| format!("+55{}{}", &rest[..2], &rest[3..])),
        _ => None,
    };
    let mut spellings = vec![number];
    for spelling in [Some(contact), older.and_then(|text| PhoneNumber::parse(&text).ok())] {
        let same = spelling.filter(|spelling| contact_number(*spelling) == contact);
        spellings.extend(same.filter(|spelling| !spellings.contains(spelling)));
    }
    spellings
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{contact_number, spellings};
    use crate::phone_number::PhoneNumber;

    fn contact(text: &str) -> String {
        contact_number(PhoneNumber::parse(text).unwrap()).as_str().to_owned()
    }

    #[test]
    fn both_spellings_of_a_mobile_number_are_one_contact() {
        for (call, whatsapp) in [
            ("+525512345678", "+5215512345678"),
            ("+541123456789", "+5491123456789"),
            ("+5511987654321", "+551187654321"),
        ] {
            assert_eq!(contact(call), contact(whatsapp), "{call}");
            let (call, whatsapp) = (PhoneNumber::parse(call), PhoneNumber::parse(whatsapp));
            let (call, whatsapp) = (call.unwrap(), whatsapp.unwrap());
            assert_eq!(spellings(call), [call, whatsapp]);
            assert_eq!(spellings(whatsapp), [whatsapp, call]);
        }
    }

    #[test]
    fn other_numbers_stay_as_they_are() {
        for text in ["+14155550100", "+551132654321", "+442079460958", "+52155512345"] {
            assert_eq!(contact(text), text);
            let number = PhoneNumber::parse(text).unwrap();
            assert_eq!(spellings(number), [number]);
        }
    }

    proptest! {
        #[test]
        fn a_contact_number_is_its_own_contact(digits in "[1-9][0-9]{6,14}") {
            let once = contact(&format!("+{digits}"));
            prop_assert_eq!(contact(&once), once);
        }
    }
}
