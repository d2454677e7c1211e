//! What can follow the name of a field in a signed text.

use crate::sid::{AccountSid, CallSid, MessageSid};
use crate::status::{CallStatus, MessageStatus};

const SID_LENGTH: usize = 34;

/// Longest word of a status or a direction. Twilio's longest is `partially_delivered`.
const MAX_WORD: usize = 32;

/// Prefixes of addresses that are not numbers.
const PREFIXES: [&str; 6] = ["client:", "sip:", "sips:", "whatsapp:", "rcs:", "messenger:"];

/// Whether a value is a word as Twilio writes states and directions, known or not: a swallowed field contains upper-case
/// letters or digits.
pub(super) fn is_word(value: &str) -> bool {
    value.len() <= MAX_WORD
        && value.bytes().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'-' | b'_'))
}

/// Whether a value is a version of Twilio's API, such as `2010-04-01`.
pub(super) fn is_version(value: &str) -> bool {
    value.len() <= MAX_WORD
        && value.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'.' | b'v'))
}

/// Whether a value is empty or a SID of any kind.
pub(super) fn is_any_sid(value: &str) -> bool {
    value.is_empty()
        || (value.len() == SID_LENGTH && value.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// Whether a text starts with the SID of an account.
pub(super) fn starts_account_sid(text: &str) -> bool {
    text.get(..SID_LENGTH).is_some_and(|sid| AccountSid::parse(sid).is_ok())
}

/// Whether a text starts with the SID of a call.
pub(super) fn starts_call_sid(text: &str) -> bool {
    text.get(..SID_LENGTH).is_some_and(|sid| CallSid::parse(sid).is_ok())
}

/// Whether a text starts with the SID of a message.
pub(super) fn starts_message_sid(text: &str) -> bool {
    text.get(..SID_LENGTH).is_some_and(|sid| MessageSid::parse(sid).is_ok())
}

/// Whether a text starts with a state of a call.
pub(super) fn starts_call_status(text: &str) -> bool {
    CallStatus::ALL.iter().any(|status| text.starts_with(status.as_str()))
}

/// Whether a text starts with a direction of a call.
pub(super) fn starts_direction(text: &str) -> bool {
    ["inbound", "outbound", "trunking"].iter().any(|word| text.starts_with(word))
}

/// Whether a text starts with a word by which Twilio reports how a step of a call has ended.
pub(super) fn starts_outcome(text: &str) -> bool {
    const WORDS: [&str; 10] = [
        "answered",
        "bridged",
        "ended",
        "error",
        "hangup",
        "leave",
        "queue-full",
        "redirected",
        "stream-",
        "system-error",
    ];
    starts_call_status(text) || WORDS.iter().any(|word| text.starts_with(word))
}

/// Whether a text starts with a state of a message.
pub(super) fn starts_message_status(text: &str) -> bool {
    MessageStatus::ALL.iter().any(|status| text.starts_with(status.as_str()))
}

/// Whether a text starts with a number or a prefixed address.
pub(super) fn starts_address(text: &str) -> bool {
    let number = text.strip_prefix('+').unwrap_or_default();
    number.starts_with(|first: char| first.is_ascii_digit())
        || PREFIXES.iter().any(|prefix| text.starts_with(prefix))
}

/// Whether a text starts with a word for a withheld caller ID.
pub(super) fn starts_withheld(text: &str) -> bool {
    let words = ["anonymous", "restricted", "blocked", "unknown", "unavailable", "private"];
    let starts = |word: &str| {
        text.as_bytes()
            .get(..word.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes()))
    };
    words.iter().any(|word| starts(word))
}

/// Whether a value has digits only.
pub(super) fn is_digits(value: &str) -> bool {
    value.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a text starts with a digit.
pub(super) fn starts_digit(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_digit())
}
