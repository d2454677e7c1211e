//! The fields of a message that decisions depend on.
//!
//! What a sender may choose (the text, a place, a profile name) is signed before `SmsMessageSid` and `To`. So the genuine
//! `SmsMessageSid` and `To` are the last ones in the signed text, and `MessageSid` is genuine if it equals
//! `SmsMessageSid`. `From` has no twin: a second one, followed by the name of another field, refuses the message.

use super::signed_text::{Copy, Place, SignedText, ensure};
use super::values::{
    is_any_sid, is_digits, is_version, is_word, starts_address, starts_digit, starts_message_sid,
    starts_message_status,
};
use crate::field::FieldError;
use crate::form::{Field, Form};

/// Longest sender that is looked for before the name of the next field.
const MAX_SENDER: usize = 80;

/// How names of fields start that Twilio signs after `From`.
const AFTER_FROM: [&str; 12] = [
    "FromC",
    "FromS",
    "FromZ",
    "InteractiveData",
    "Label",
    "Latitude",
    "List",
    "Longitude",
    "Media",
    "MessageSid",
    "MessageStatus",
    "MessageType",
];

/// How names of fields start that Twilio signs after `MessageSid`.
const AFTER_MESSAGE_SID: [&str; 10] = [
    "MessageStatus",
    "MessageType",
    "MessagingServiceSid",
    "Num",
    "OriginalReplied",
    "ProfileName",
    "RawDlr",
    "Referral",
    "Sms",
    "To",
];

/// What the fields of a message say, unchanged.
pub(crate) struct MessageFields<'f> {
    pub(crate) from: Option<&'f str>,
    pub(crate) message: Option<&'f str>,
    pub(crate) to: Option<&'f str>,
}

/// Looks up the fields of a message in a form in signed order. Refuses a form that was cut differently from how Twilio
/// cut it.
pub(crate) fn message_fields(form: &Form) -> Result<MessageFields<'_>, FieldError> {
    let [version, error, from, _city, message, status, service, media, twin, sms, sms_status, to] =
        form.only_in_order([
            "ApiVersion",
            "ErrorCode",
            "From",
            "FromCity",
            "MessageSid",
            "MessageStatus",
            "MessagingServiceSid",
            "NumMedia",
            "SmsMessageSid",
            "SmsSid",
            "SmsStatus",
            "To",
        ])?;
    let text = SignedText::new(form);
    let value = |field: Option<Field>| field.map(|field| text.value(field));
    let holds = |field, holds: fn(&str) -> bool| value(field).is_none_or(holds);
    ensure(holds(version, is_version), "ApiVersion")?;
    ensure(holds(status, is_word), "MessageStatus")?;
    ensure(holds(service, is_any_sid), "MessagingServiceSid")?;
    ensure(holds(twin, is_any_sid), "SmsMessageSid")?;
    ensure(holds(sms, is_any_sid), "SmsSid")?;
    ensure(holds(sms_status, is_word), "SmsStatus")?;
    if version.is_none() {
        let mut copies = text.copies("ApiVersion", 0..text.text().len(), starts_digit);
        ensure(!copies.any(|copy| !is_chosen(&copy)), "ApiVersion")?;
    }
    if status.is_some() {
        // The genuine one is the first. A message behind it can contain another.
        let end = error.map_or(text.text().len(), |field| field.start);
        let mut copies = text.copies("ErrorCode", 0..end, starts_digit);
        ensure(copies.next().is_none(), "ErrorCode")?;
    }
    if media.is_none() {
        let mut copies = text.copies("NumMedia", 0..text.text().len(), |_text| true);
        ensure(!copies.any(|copy| !is_chosen(&copy)), "NumMedia")?;
    }
    message_is_genuine(&text, message, twin)?;
    for name in ["MessageStatus", "SmsStatus"] {
        let mut copies = text.copies(name, 0..text.text().len(), starts_message_status);
        ensure(!copies.any(|copy| !is_chosen(&copy)), name)?;
    }
    from_is_genuine(&text, from)?;
    to_is_genuine(&text, to)?;
    Ok(MessageFields { from: value(from), message: value(message), to: value(to) })
}

/// Whether a copy is in a text that the sender chooses.
fn is_chosen(copy: &Copy<'_>) -> bool {
    copy.place == Place::Value
        && (matches!(
            copy.holder,
            "Address" | "Body" | "ButtonPayload" | "ButtonText" | "Label" | "ProfileName"
        ) || copy.holder.starts_with("Referral"))
}

/// Whether a copy that is signed before the field itself was written by the sender. Otherwise the field was cut out of a
/// text that the sender chose, too, and the copy is followed by the name of that text.
fn is_written_by_sender(text: &SignedText<'_>, field: Option<Field>, copy: &Copy<'_>) -> bool {
    let chosen_later = ["InteractiveData", "Label", "List", "ProfileName", "Referral"];
    let rest = &text.text()[copy.at..copy.holder_end];
    is_chosen(copy)
        && field.is_some_and(|field| copy.at < field.start)
        && !chosen_later.iter().any(|name| rest.contains(name))
}

fn message_is_genuine(
    text: &SignedText<'_>,
    message: Option<Field>,
    twin: Option<Field>,
) -> Result<(), FieldError> {
    let end = text.text().len();
    let is_confirmed = match (message, twin) {
        (Some(message), Some(twin)) => text.value(message) == text.value(twin),
        _ => false,
    };
    if let (Some(twin), true) = (twin, is_confirmed) {
        let mut later = text.copies("SmsMessageSid", twin.end..end, starts_message_sid);
        return ensure(later.next().is_none(), "MessageSid");
    }
    let mut copies = text.copies("MessageSid", 0..end, starts_message_sid);
    let is_genuine = |copy: &Copy<'_>| {
        let rest = &text.text()[copy.at..];
        !is_chosen(copy) || is_followed(rest, "MessageSid".len() + 34, &AFTER_MESSAGE_SID)
    };
    let is_written = |copy: &Copy<'_>| is_written_by_sender(text, message, copy);
    let is_longer = |copy: &Copy<'_>| {
        copy.place == Place::Suffix
            && matches!(copy.holder, "SmsMessageSid" | "OriginalRepliedMessageSid")
    };
    ensure(
        !copies.any(|copy| is_genuine(&copy) && !is_longer(&copy) && !is_written(&copy)),
        "MessageSid",
    )
}

/// Whether one of these names, or the end of the text, follows at an offset.
fn is_followed(text: &str, at: usize, names: &[&str]) -> bool {
    text.get(at..)
        .is_some_and(|rest| rest.is_empty() || names.iter().any(|name| rest.starts_with(name)))
}

fn from_is_genuine(text: &SignedText<'_>, from: Option<Field>) -> Result<(), FieldError> {
    if let Some(from) = from {
        let absorbed =
            ["FromCity", "FromCountry", "FromState", "FromZip", "MessageSid", "NumMedia"];
        let value = text.value(from);
        if value.contains(':') || value.starts_with('+') {
            ensure(!AFTER_FROM.iter().any(|name| value.contains(name)), "From")?;
        }
        ensure(!absorbed.iter().any(|name| value.contains(name)), "From")?;
        let end = text.text().len();
        let mut later = text.copies("FromCountry", from.end..end, |_text| true);
        ensure(!later.any(|copy| copy.holder != "FromCountry" && !is_chosen(&copy)), "From")?;
    }
    let followed = |text: &str| {
        let ends = 1..=MAX_SENDER.min(text.len());
        ends.into_iter().any(|end| {
            text.is_char_boundary(end)
                && is_sender(&text[..end])
                && AFTER_FROM.iter().any(|name| text[end..].starts_with(name))
        })
    };
    let mut copies = text.copies("From", 0..text.text().len(), followed);
    let is_place = |copy: &Copy<'_>| {
        matches!(copy.holder, "FromCity" | "FromCountry" | "FromState" | "FromZip")
            && copy.place != Place::Value
    };
    // A sender may have a name such as `FromToronto`.
    let is_own = |copy: &Copy<'_>| {
        let at_start = from.is_some_and(|from| from.value().start == copy.at);
        at_start && !starts_address(&text.text()[copy.at + "From".len()..])
    };
    ensure(
        !copies.any(|copy| {
            !is_place(&copy) && !is_own(&copy) && !is_written_by_sender(text, from, &copy)
        }),
        "From",
    )
}

/// Whether a text can be the sender of a message: a number, a number or word behind a prefix, or a name.
fn is_sender(text: &str) -> bool {
    const MAX_NAME: usize = 11;
    let is_word_byte =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let is_name_byte = |byte: u8| is_word_byte(byte) || matches!(byte, b' ' | b'&' | b'+');
    let prefixed = text.split_once(':').map(|(_prefix, address)| address);
    let address = prefixed.unwrap_or(text);
    let is_number = address.strip_prefix('+').is_some_and(is_digits);
    // `SmsMessageSid` is not `MessageSid`.
    if text.contains("From") || text.ends_with("Sms") {
        false
    } else if prefixed.is_some() {
        starts_address(text) && (is_number || address.bytes().all(is_word_byte))
    } else {
        is_number || (text.len() <= MAX_NAME && text.bytes().all(is_name_byte))
    }
}

fn to_is_genuine(text: &SignedText<'_>, to: Option<Field>) -> Result<(), FieldError> {
    let Some(to) = to else { return Ok(()) };
    let absorbed = ["ToCity", "ToCountry", "ToState", "ToZip", "WaId"];
    ensure(!absorbed.iter().any(|name| text.value(to).contains(name)), "To")?;
    let is_recipient = |text: &str| starts_address(text) || starts_digit(text);
    let mut later = text.copies("To", to.end..text.text().len(), is_recipient);
    ensure(later.next().is_none(), "To")
}
