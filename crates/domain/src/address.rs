//! Addresses: the two sides of a call or message, in every form that Twilio sends (Twilio's webhook parameter pages,
//! "From" and "To").

use std::fmt;

use crate::phone_number::{Masked, PhoneNumber};
use crate::string_enum;
use crate::withheld;

/// Maximum length of an address. SIP addresses are the longest that Twilio sends.
const MAX_BYTES: usize = 512;
/// How an erased address is stored: no phone, SIP client or messenger has such an address.
const ERASED: &str = "erased:";

/// One side of a call or a message.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Address {
    /// A phone number in E.164.
    Phone(PhoneNumber),
    /// `whatsapp:` with a phone number.
    WhatsApp(PhoneNumber),
    /// `whatsapp:` with a user id instead of a number (`whatsapp:<CC>.<digits>`).
    WhatsAppUser(String),
    /// `rcs:` with a phone number.
    RcsPhone(PhoneNumber),
    /// `rcs:` with the name of a sender.
    RcsSender(String),
    /// `messenger:` with a page or user id.
    Messenger(String),
    /// `client:` with the identity of a Voice SDK client.
    Client(String),
    /// A SIP address, `sip:` or `sips:` included.
    Sip(String),
    /// A short code: three to eight digits without a plus.
    ShortCode(String),
    /// An alphanumeric sender of at most 11 characters.
    Alphanumeric(String),
    /// A withheld number: a word such as `anonymous`, an empty value, a keypad spelling or an anonymous SIP address.
    Withheld,
    /// Any other caller ID, unchanged.
    Raw(String),
    /// An address that was erased from a stored record. No request has one.
    Erased,
}

string_enum! {
    /// The channel of a call or message.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum Channel {
        /// A phone call.
        Voice = "voice",
        /// SMS and MMS.
        Sms = "sms",
        /// WhatsApp.
        WhatsApp = "whatsapp",
        /// RCS.
        Rcs = "rcs",
        /// Facebook Messenger.
        Messenger = "messenger",
    }
}

/// The text is not an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// The text is longer than 512 bytes.
    #[error("is longer than 512 bytes")]
    TooLong,
    /// The value does not match the grammar of its prefix.
    #[error("does not match the grammar of its prefix")]
    Malformed,
    /// The text contains a control character.
    #[error("contains a control character")]
    ControlCharacter,
}

impl Address {
    /// Parses the value of `From`, `To`, `Caller` or `Called`.
    ///
    /// The value after a known prefix must match the grammar of that prefix, so that no other field can hide in it. A
    /// caller ID that Twilio could not normalize becomes [`Address::Raw`].
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        // Fast path: nearly every address is a number.
        if let Ok(number) = PhoneNumber::parse(text)
            && !withheld::is_keypad_spelling(text)
        {
            return Ok(Self::Phone(number));
        }
        if text.len() > MAX_BYTES {
            return Err(AddressError::TooLong);
        }
        if text.chars().any(char::is_control) {
            return Err(AddressError::ControlCharacter);
        }
        if withheld::is_withheld(text) {
            return Ok(Self::Withheld);
        }
        if let Some(digits) = text.strip_prefix('+') {
            // A number that is too short or too long to be dialed still identifies a caller.
            return if digits.bytes().all(|byte| byte.is_ascii_digit()) {
                Ok(Self::Raw(text.to_owned()))
            } else {
                Err(AddressError::Malformed)
            };
        }
        if let Some((prefix, rest)) = text.split_once(':') {
            return Self::parse_prefixed(text, prefix, rest);
        }
        if text.bytes().all(|byte| byte.is_ascii_digit()) && (3..=8).contains(&text.len()) {
            return Ok(Self::ShortCode(text.to_owned()));
        }
        let alphanumeric = |byte: u8| {
            byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'_' | b'-' | b'&' | b'+')
        };
        if text.len() <= 11
            && text.bytes().all(alphanumeric)
            && text.bytes().any(|b| b.is_ascii_alphabetic())
        {
            return Ok(Self::Alphanumeric(text.to_owned()));
        }
        Ok(Self::Raw(text.to_owned()))
    }

    /// Parses the address of a caller. Text that matches no grammar becomes [`Address::Raw`]: a carrier may send any text
    /// as a caller ID (Twilio, "TwiML Voice: request parameters": `From`), and it must not fail the call.
    pub fn parse_caller(text: &str) -> Result<Self, AddressError> {
        match Self::parse(text) {
            Err(AddressError::Malformed) => Ok(Self::Raw(text.to_owned())),
            parsed => parsed,
        }
    }

    /// Parses an address of a stored record.
    pub fn parse_stored(text: &str) -> Result<Self, AddressError> {
        if text == ERASED { Ok(Self::Erased) } else { Self::parse_caller(text) }
    }

    fn parse_prefixed(text: &str, prefix: &str, rest: &str) -> Result<Self, AddressError> {
        let is_word_byte =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
        let is_word = !rest.is_empty() && rest.bytes().all(is_word_byte);
        let phone = || PhoneNumber::parse(rest).map_err(|_reason| AddressError::Malformed);
        match prefix {
            "whatsapp" if rest.starts_with('+') => phone().map(Self::WhatsApp),
            "whatsapp" if is_word => Ok(Self::WhatsAppUser(rest.to_owned())),
            "rcs" if rest.starts_with('+') => phone().map(Self::RcsPhone),
            "rcs" if is_word => Ok(Self::RcsSender(rest.to_owned())),
            "messenger" if is_word => Ok(Self::Messenger(rest.to_owned())),
            "client" if !rest.is_empty() => Ok(Self::Client(rest.to_owned())),
            "sip" | "sips" if !rest.is_empty() && !rest.contains(char::is_whitespace) => {
                Ok(Self::Sip(text.to_owned()))
            }
            "whatsapp" | "rcs" | "messenger" | "client" | "sip" | "sips" => {
                Err(AddressError::Malformed)
            }
            _ => Ok(Self::Raw(text.to_owned())),
        }
    }

    /// The phone number, by which numbers are looked up; `None` if the address has none.
    pub fn phone_number(&self) -> Option<PhoneNumber> {
        match self {
            Self::Phone(number) | Self::WhatsApp(number) | Self::RcsPhone(number) => Some(*number),
            _ => None,
        }
    }

    /// Whether Twilio can show the address as the caller ID of a dialed call: only a phone number of a phone call
    /// (Twilio, error 13214).
    pub fn is_caller_id(&self) -> bool {
        matches!(self, Self::Phone(_))
    }

    /// The channel of a message to or from this address.
    pub fn message_channel(&self) -> Channel {
        match self {
            Self::WhatsApp(_) | Self::WhatsAppUser(_) => Channel::WhatsApp,
            Self::RcsPhone(_) | Self::RcsSender(_) => Channel::Rcs,
            Self::Messenger(_) => Channel::Messenger,
            _ => Channel::Sms,
        }
    }

    /// The address for logs: its last two characters at most.
    pub fn masked(&self) -> String {
        match self {
            Self::Withheld => "withheld".to_owned(),
            Self::Erased => "erased".to_owned(),
            other => Masked::new(&other.to_text()).to_string(),
        }
    }

    /// The address as Twilio writes it; empty if it was withheld.
    pub fn to_text(&self) -> String {
        match self {
            Self::Phone(number) => number.as_str().to_owned(),
            Self::WhatsApp(number) => format!("whatsapp:{}", number.as_str()),
            Self::WhatsAppUser(id) => format!("whatsapp:{id}"),
            Self::RcsPhone(number) => format!("rcs:{}", number.as_str()),
            Self::RcsSender(name) => format!("rcs:{name}"),
            Self::Messenger(id) => format!("messenger:{id}"),
            Self::Client(identity) => format!("client:{identity}"),
            Self::Sip(text)
            | Self::ShortCode(text)
            | Self::Alphanumeric(text)
            | Self::Raw(text) => text.clone(),
            Self::Withheld => String::new(),
            Self::Erased => ERASED.to_owned(),
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Address, AddressError, Channel};
    use crate::phone_number::PhoneNumber;

    fn phone(text: &str) -> PhoneNumber {
        PhoneNumber::parse(text).unwrap()
    }

    #[test]
    fn every_form_that_twilio_sends_is_distinguished() {
        let number = "+14155550100";
        let forms = [
            (number, Address::Phone(phone(number))),
            ("whatsapp:+14155550100", Address::WhatsApp(phone(number))),
            ("whatsapp:US.123456", Address::WhatsAppUser("US.123456".to_owned())),
            ("rcs:+14155550100", Address::RcsPhone(phone(number))),
            ("rcs:acme_agent", Address::RcsSender("acme_agent".to_owned())),
            ("messenger:1234567890", Address::Messenger("1234567890".to_owned())),
            ("client:jenny", Address::Client("jenny".to_owned())),
            ("sip:bob@example.com", Address::Sip("sip:bob@example.com".to_owned())),
            ("12345", Address::ShortCode("12345".to_owned())),
            ("ACME Corp", Address::Alphanumeric("ACME Corp".to_owned())),
            ("4155550100", Address::Raw("4155550100".to_owned())),
        ];
        for (text, address) in forms {
            assert_eq!(Address::parse(text), Ok(address.clone()));
            assert_eq!(address.to_text(), text);
        }
    }

    #[test]
    fn no_other_field_can_hide_after_a_prefix_or_a_plus() {
        for text in [
            "+1415555From+1999",
            "whatsapp:+1415x",
            "whatsapp:",
            "rcs:a b",
            "messenger:",
            "sip:a b",
            "client:",
        ] {
            assert_eq!(Address::parse(text), Err(AddressError::Malformed), "{text}");
        }
        assert_eq!(Address::parse("client:\n"), Err(AddressError::ControlCharacter));
        assert_eq!(Address::parse(&"a".repeat(513)), Err(AddressError::TooLong));
    }

    #[test]
    fn debug_shows_at_most_two_characters() {
        assert_eq!(format!("{:?}", Address::parse("whatsapp:+14155550142").unwrap()), "…42");
        assert_eq!(format!("{:?}", Address::Withheld), "withheld");
    }

    #[test]
    fn an_erased_address_is_read_from_a_record_and_from_no_request() {
        let text = Address::Erased.to_text();
        assert_eq!(Address::parse_stored(&text), Ok(Address::Erased));
        assert_eq!(Address::parse_caller(&text), Ok(Address::Raw(text.clone())));
        assert_eq!(Address::parse_stored("+14155550100"), Address::parse("+14155550100"));
    }

    #[test]
    fn a_channel_parses_from_its_name() {
        assert_eq!(Channel::parse("whatsapp"), Some(Channel::WhatsApp));
        assert_eq!(Channel::parse("fax"), None);
    }

    proptest! {
        #[test]
        fn a_parsed_address_is_written_back_unchanged(text in "\\PC{1,40}") {
            if let Ok(address) = Address::parse(&text) && address != Address::Withheld {
                prop_assert_eq!(address.to_text(), text);
            }
        }
    }
}
