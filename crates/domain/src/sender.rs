//! Senders: our side of calls and messages. A phone number is one kind; the others have messages only (Twilio, "Messages
//! resource": `From`, and "Channels Senders API").

use std::fmt;
use std::hash::{Hash, Hasher};

use crate::address::Address;
use crate::phone_number::{Masked, PhoneNumber, PhoneNumberError};
use crate::string_enum;

/// Maximum length of a sender with its prefix. The ids of RCS agents and Messenger pages are shorter.
const MAX_BYTES: usize = 79;

string_enum! {
    /// What kind of sender an address is.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum SenderKind {
        /// A phone number.
        Number = "number",
        /// A short code.
        ShortCode = "short_code",
        /// A WhatsApp sender, with its own settings at Twilio.
        WhatsApp = "whatsapp",
        /// An RCS agent.
        Rcs = "rcs",
        /// A page of Facebook Messenger.
        Messenger = "messenger",
    }
}

impl SenderKind {
    /// What people call it.
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::ShortCode => "short code",
            Self::WhatsApp => "WhatsApp sender",
            Self::Rcs => "RCS sender",
            Self::Messenger => "Messenger page",
        }
    }
}

/// An address at which contacts reach us: `+14155550100`, `12345`, `whatsapp:+14155550100`, `rcs:acme_agent` or
/// `messenger:1234567890`. `Debug` shows its last two characters only. Ordered by its text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sender {
    bytes: [u8; MAX_BYTES],
    length: u8,
}

/// The text is not a sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SenderError {
    /// The number, or the number after the prefix, is not valid.
    #[error(transparent)]
    Number(#[from] PhoneNumberError),
    /// The id after the prefix has characters that no id has.
    #[error(
        "has characters after its prefix that are not letters, digits, `_`, `-` or `.`; write it as Twilio does, for example rcs:acme_agent"
    )]
    Id,
    /// `WhatsApp` users can have ids, but senders have numbers.
    #[error("has no phone number; write whatsapp: and a number, for example +14155550100")]
    WhatsAppId,
    /// The prefix belongs to no sender.
    #[error(
        "has a prefix that no sender has; a sender is a phone number, a short code, or starts with whatsapp:, rcs: or messenger:"
    )]
    Prefix,
    /// The text is too long.
    #[error("is longer than {MAX_BYTES} characters")]
    TooLong,
}

impl Sender {
    /// Parses a sender as Twilio writes it.
    pub fn parse(text: &str) -> Result<Self, SenderError> {
        if let Ok(number) = PhoneNumber::parse(text) {
            return Ok(number.into());
        }
        match Address::parse(text) {
            Ok(address) => Self::of(&address).ok_or_else(|| Self::refusal(text)),
            Err(_malformed) => Err(Self::refusal(text)),
        }
    }

    /// Parses a sender as people type it: numbers may contain spaces and punctuation.
    pub fn parse_typed(text: &str) -> Result<Self, SenderError> {
        let text = text.trim();
        match text.split_once(':') {
            Some((prefix @ ("whatsapp" | "rcs"), rest)) if rest.trim_start().starts_with('+') => {
                let number = PhoneNumber::parse_typed(rest)?;
                Self::parse(&format!("{prefix}:{}", number.as_str()))
            }
            Some(_) => Self::parse(text),
            None if matches!(Address::parse(text), Ok(Address::ShortCode(_))) => Self::parse(text),
            None => Ok(PhoneNumber::parse_typed(text)?.into()),
        }
    }

    /// The sender at which an address of our side reaches us; `None` if it cannot be a sender.
    pub fn of(address: &Address) -> Option<Self> {
        match address {
            Address::Phone(number) => Some((*number).into()),
            Address::WhatsApp(number) => Self::joined("whatsapp:", number.as_str()),
            Address::RcsPhone(number) => Self::joined("rcs:", number.as_str()),
            Address::RcsSender(name) => Self::joined("rcs:", name),
            Address::Messenger(id) => Self::joined("messenger:", id),
            Address::ShortCode(code) => Self::joined("", code),
            Address::WhatsAppUser(_)
            | Address::Client(_)
            | Address::Sip(_)
            | Address::Alphanumeric(_)
            | Address::Withheld
            | Address::Raw(_)
            | Address::Erased => None,
        }
    }

    fn joined(prefix: &str, rest: &str) -> Option<Self> {
        let length = prefix.len() + rest.len();
        let mut bytes = [0; MAX_BYTES];
        bytes.get_mut(..prefix.len())?.copy_from_slice(prefix.as_bytes());
        bytes.get_mut(prefix.len()..length)?.copy_from_slice(rest.as_bytes());
        Some(Self { bytes, length: u8::try_from(length).ok()? })
    }

    fn refusal(text: &str) -> SenderError {
        if text.len() > MAX_BYTES {
            return SenderError::TooLong;
        }
        match text.split_once(':') {
            Some(("whatsapp" | "rcs", rest)) if rest.starts_with('+') => {
                PhoneNumber::parse(rest).map_or_else(SenderError::Number, |_number| SenderError::Id)
            }
            Some(("whatsapp", _)) => SenderError::WhatsAppId,
            Some(("rcs" | "messenger", _)) => SenderError::Id,
            Some(_) => SenderError::Prefix,
            None => {
                PhoneNumber::parse(text).map_or_else(SenderError::Number, |_| SenderError::Prefix)
            }
        }
    }

    /// The sender as Twilio writes it.
    pub fn as_str(&self) -> &str {
        // The bytes come from text, cut at no character, and nothing changes them.
        std::str::from_utf8(&self.bytes[..usize::from(self.length)]).unwrap_or_default()
    }

    /// The kind of sender.
    pub fn kind(&self) -> SenderKind {
        match self.bytes[0] {
            b'+' => SenderKind::Number,
            b'w' => SenderKind::WhatsApp,
            b'r' => SenderKind::Rcs,
            b'm' => SenderKind::Messenger,
            _ => SenderKind::ShortCode,
        }
    }

    /// The phone number itself, or that of a `WhatsApp` or RCS sender; `None` if the sender has none.
    pub fn phone_number(&self) -> Option<PhoneNumber> {
        let text = self.as_str();
        PhoneNumber::parse(text.split_once(':').map_or(text, |(_, rest)| rest)).ok()
    }

    /// The phone number, if the sender is one.
    pub fn as_number(&self) -> Option<PhoneNumber> {
        (self.kind() == SenderKind::Number).then(|| self.phone_number()).flatten()
    }

    /// The digits of the phone number, as [`PhoneNumber::digits`], if the sender is one.
    pub fn number_digits(&self) -> Option<u64> {
        let digits = self.bytes[..usize::from(self.length)].strip_prefix(b"+")?;
        Some(digits.iter().fold(0, |read, digit| read << 4 | u64::from(digit & 0xf)))
    }

    /// The sender that answers if this one is not stored: the number of a `WhatsApp` or RCS address.
    pub fn fallback(&self) -> Option<Self> {
        match self.kind() {
            SenderKind::WhatsApp | SenderKind::Rcs => self.phone_number().map(Self::from),
            SenderKind::Number | SenderKind::ShortCode | SenderKind::Messenger => None,
        }
    }

    /// The sender as an address of a message or call.
    pub fn address(&self) -> Address {
        // Only addresses become senders.
        Address::parse(self.as_str()).unwrap_or(Address::Withheld)
    }

    /// What it is and its last two characters, for error texts.
    pub fn named(&self) -> String {
        format!("{} {}", self.kind().noun(), self.masked())
    }

    /// The sender for logs: the last two characters only.
    pub fn masked(&self) -> Masked<'_> {
        Masked::new(self.as_str())
    }
}

impl From<PhoneNumber> for Sender {
    fn from(number: PhoneNumber) -> Self {
        let text = number.as_str().as_bytes();
        let mut bytes = [0; MAX_BYTES];
        bytes[..text.len()].copy_from_slice(text);
        Self { bytes, length: u8::try_from(text.len()).unwrap_or_default() }
    }
}

/// Hashes the text without the unused bytes.
impl Hash for Sender {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.masked(), f)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Sender, SenderError, SenderKind};
    use crate::phone_number::PhoneNumberError;

    #[test]
    fn every_kind_of_sender_is_distinguished_from_its_text() {
        for (text, kind, number) in [
            ("+14155550100", SenderKind::Number, Some("+14155550100")),
            ("12345", SenderKind::ShortCode, None),
            ("whatsapp:+14155550100", SenderKind::WhatsApp, Some("+14155550100")),
            ("rcs:acme_agent", SenderKind::Rcs, None),
            ("rcs:+14155550100", SenderKind::Rcs, Some("+14155550100")),
            ("messenger:1234567890", SenderKind::Messenger, None),
        ] {
            let sender = Sender::parse(text).unwrap();
            assert_eq!((sender.as_str(), sender.kind()), (text, kind));
            let digits = sender.as_number().map(|number| number.digits());
            assert_eq!(sender.number_digits(), digits);
            let found = sender.phone_number();
            assert_eq!(found.as_ref().map(crate::phone_number::PhoneNumber::as_str), number);
            assert_eq!(Sender::of(&sender.address()), Some(sender));
            assert_eq!(Sender::parse_typed(&format!(" {text} ")), Ok(sender));
        }
    }

    /// Carriers write withheld callers like numbers, but a stored number is read as it was added.
    #[test]
    fn every_phone_number_is_a_sender() {
        let withheld = Sender::parse_typed("+266696687").unwrap();
        assert_eq!(Sender::parse(withheld.as_str()), Ok(withheld));
    }

    #[test]
    fn a_typed_sender_may_have_the_punctuation_of_numbers() {
        let typed = Sender::parse_typed("whatsapp:+1 (415) 555-0100").unwrap();
        assert_eq!(typed.as_str(), "whatsapp:+14155550100");
    }

    #[test]
    fn what_is_no_sender_is_refused_with_the_reason() {
        for (text, reason) in [
            ("", SenderError::Number(PhoneNumberError::Empty)),
            ("4155550100", SenderError::Number(PhoneNumberError::NoCountryCode)),
            ("whatsapp:+1", SenderError::Number(PhoneNumberError::TooShort)),
            ("whatsapp:US.123456", SenderError::WhatsAppId),
            ("rcs:", SenderError::Id),
            ("rcs:a b", SenderError::Id),
            ("client:jenny", SenderError::Prefix),
            ("sip:bob@example.com", SenderError::Prefix),
        ] {
            assert_eq!(Sender::parse_typed(text), Err(reason), "{text}");
        }
        let long = format!("rcs:{}", "a".repeat(80));
        assert_eq!(Sender::parse(&long), Err(SenderError::TooLong));
    }

    #[test]
    fn a_sender_is_shown_by_its_last_two_characters() {
        assert_eq!(format!("{:?}", Sender::parse("whatsapp:+14155550142").unwrap()), "…42");
    }

    proptest! {
        #[test]
        fn senders_are_ordered_by_their_text(texts in prop::array::uniform2("(\\+[1-9][0-9]{7,9}|[0-9]{3,8}|rcs:[a-z._-]{1,9}|rcs:\\+[1-9][0-9]{7})")) {
            let senders = texts.clone().map(|text| Sender::parse(&text).unwrap());
            prop_assert_eq!(senders[0].cmp(&senders[1]), texts[0].cmp(&texts[1]));
        }
    }
}
