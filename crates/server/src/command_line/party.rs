//! An address on the command line: a caller, a sender or a called number.

use switchboard_domain::address::Address;
use switchboard_domain::phone_number::{PhoneNumber, PhoneNumberError};

/// An address, and its text as Twilio writes it.
pub(in crate::command_line) struct Party {
    pub(in crate::command_line) address: Address,
    #[cfg_attr(
        not(feature = "simulator"),
        expect(dead_code, reason = "only the simulator sends it")
    )]
    pub(in crate::command_line) text: String,
}

impl Party {
    /// Parses a number as people type it, or any other address in Twilio's form.
    pub(in crate::command_line) fn parse(text: &str) -> Result<Self, PhoneNumberError> {
        let typed = PhoneNumber::parse_typed(text);
        match (typed, Address::parse(text.trim())) {
            (Ok(number), _) => {
                Ok(Self { address: Address::Phone(number), text: number.as_str().to_owned() })
            }
            (Err(error), Ok(Address::Raw(_)) | Err(_)) => Err(error),
            // Twilio's spelling of a withheld address is only in the text.
            (Err(_), Ok(address)) => Ok(Self { address, text: text.trim().to_owned() }),
        }
    }
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
    fn a_number_is_written_as_twilio_writes_it_and_anything_else_as_it_was_typed() {
        assert_eq!(Party::parse("+1 (415) 555-0100").unwrap().text, "+14155550100");
        assert_eq!(Party::parse(" anonymous ").unwrap().text, "anonymous");
        assert_eq!(Party::parse("whatsapp:+14155550100").unwrap().text, "whatsapp:+14155550100");
    }
}
