//! An address as people write it: a caller, a sender or a called number.

use switchboard_domain::address::Address;
use switchboard_domain::phone_number::{PhoneNumber, PhoneNumberError};

/// An address, and its text as Twilio writes it.
pub struct Party {
    /// The address.
    pub address: Address,
    /// The text.
    pub text: String,
}

impl Party {
    /// Parses any address in Twilio's form, as the webhook does, or a number as people type it. A number without its
    /// country code is refused.
    pub fn parse(text: &str) -> Result<Self, PhoneNumberError> {
        let text = text.trim();
        let typed = || {
            let number = PhoneNumber::parse_typed(text)?;
            Ok(Self { address: Address::Phone(number), text: number.as_str().to_owned() })
        };
        match Address::parse_caller(text) {
            Ok(Address::Raw(raw)) if begins_as_number(&raw) && !is_plus_and_digits(&raw) => typed(),
            Err(_) => typed(),
            // Twilio's spelling of a withheld address is only in the text.
            Ok(address) => Ok(Self { address, text: text.to_owned() }),
        }
    }
}

/// Whether the text was probably meant as a phone number.
fn begins_as_number(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '+' | '('))
}

/// Whether the text is an international number, possibly too short or too long to be dialed.
fn is_plus_and_digits(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use switchboard_domain::address::Address;

    use super::Party;

    #[test]
    fn a_number_without_its_country_is_not_guessed() {
        assert!(Party::parse("4155550100").is_err());
        assert!(matches!(Party::parse("12345").unwrap().address, Address::ShortCode(_)));
    }

    #[test]
    fn a_caller_is_read_as_the_webhook_reads_it() {
        for text in [
            "+266696687",
            "+12562533",
            "sip:anonymous@anonymous.invalid",
            "+12345",
            "client:jo",
            "sip:John Doe@x",
            "client:",
            "whatsapp:+12",
            "Public pay phone",
        ] {
            let party = Party::parse(text).unwrap();
            assert_eq!(party.address, Address::parse_caller(text).unwrap(), "{text}");
            assert_eq!(party.text, text);
        }
    }

    #[test]
    fn a_number_is_written_as_twilio_writes_it_and_anything_else_as_it_was_typed() {
        assert_eq!(Party::parse("+1 (415) 555-0100").unwrap().text, "+14155550100");
        assert_eq!(Party::parse(" anonymous ").unwrap().text, "anonymous");
        assert_eq!(Party::parse("whatsapp:+14155550100").unwrap().text, "whatsapp:+14155550100");
    }
}
