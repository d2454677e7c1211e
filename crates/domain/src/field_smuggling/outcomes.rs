//! The fields by which Twilio reports how a step of a call has ended.
//!
//! Callers choose SIP headers and, as Voice SDK clients, parameters with names of their own. Such a text can be cut into an
//! outcome that Twilio did not send, so that a step that ended well has failed, and the caller gets another attempt.

use super::calls::Call;
use super::signed_text::ensure;
use super::values::{is_word, starts_digit, starts_outcome};
use crate::field::FieldError;
use crate::form::{Field, Form};

/// Names of the fields that Twilio signs between `From` and `StreamEvent` of the call of a Voice SDK client.
const OF_CLIENTS: [&str; 5] =
    ["ParentCallSid", "SessionDuration", "SessionId", "SessionStatus", "StreamError"];

/// Names of fields that can follow `RecordingUrl`, which a longer URL would contain.
const BEHIND_RECORDING: [&str; 5] =
    ["SequenceNumber", "SipCallId", "StirVerstat", "StreamEvent", "StreamSid"];

/// What starts the names of the SIP fields that a caller chooses, in signed order.
const CHOSEN_BY_SIP: [&str; 2] = ["SipCallId", "SipHeader_"];

/// Refuses a form in which one of the fields about the end of a connection was replaced, hidden, or cut out of a text of
/// the caller's that Twilio signs behind it.
pub(crate) fn refuse_replaced_outcome(form: &Form) -> Result<(), FieldError> {
    const WORDS: [&str; 4] = ["DialCallStatus", "QueueResult", "SessionStatus", "StreamEvent"];
    let check = Call::later(form)?;
    for name in WORDS {
        let [field] = form.only_in_order([name])?;
        ensure(field.is_none_or(|field| is_word(check.text.value(field))), name)?;
        check.is_only(name, field, starts_outcome)?;
    }
    let [url] = form.only_in_order(["RecordingUrl"])?;
    let url = url.map_or("", |field| check.text.value(field));
    ensure(!BEHIND_RECORDING.iter().any(|name| url.contains(name)), "RecordingUrl")?;
    let text = check.text.text();
    let [direction, code, from] = form.only_in_order(["Direction", "ErrorCode", "From"])?;
    let from_end = from.map_or(0, |from| from.end);
    let chosen = CHOSEN_BY_SIP.iter().filter_map(|name| text[from_end..].find(name)).min();
    let chosen_at = chosen.map_or(text.len(), |at| from_end + at);
    for name in ["QueueResult", "RecordingUrl", "SessionStatus"] {
        let [field] = form.only_in_order([name])?;
        ensure(field.is_none_or(|field| field.start <= chosen_at), name)?;
    }
    let mut hidden =
        check.text.copies("RecordingUrl", from_end..chosen_at, |text| text.starts_with("http"));
    ensure(hidden.next().is_none(), "RecordingUrl")?;
    // The name of the caller is signed in front of the outcome of a dialed call, and the caller's state between them.
    let [dialed] = form.only_in_order(["DialCallStatus"])?;
    if let Some(dialed) = dialed {
        let end = direction.or(from).map_or(text.len(), |field| field.start);
        let behind = text.get(dialed.start..end).unwrap_or_default();
        let is_cut = ["CallerState", "CallerZip"].iter().any(|place| behind.contains(place));
        ensure(!is_cut, "DialCallStatus")?;
    }
    // The genuine `ErrorCode` is the first one behind `Direction`. A message behind it can contain another.
    let start = direction.map_or(0, |field| field.end);
    let end = code.or(from).map_or(text.len(), |field| field.start);
    let mut hidden = check.text.copies("ErrorCode", start..end, starts_digit);
    ensure(hidden.next().is_none(), "ErrorCode")
}

/// Whether `StreamEvent` of a form in signed order says that a stream failed, and Twilio has said it.
///
/// A caller's text can spell `StreamEvent` and all that belongs to it, and the result is what Twilio would have signed. So
/// the field counts only if no such text is signed before it, or if one of Twilio's fields is signed between them. Where it
/// does not count, `ErrorCode` still reports the failure: it is signed where no caller's text is.
pub(crate) fn has_stream_failed(form: &Form) -> Result<bool, FieldError> {
    let [from, event] = form.only_in_order(["From", "StreamEvent"])?;
    let check = Call::later(form)?;
    let text = &check.text;
    let Some(event) = event.filter(|event| text.value(*event) == "stream-error") else {
        return Ok(false);
    };
    let from_end = from.map_or(0, |from| from.end);
    let (before, behind) = (&text.text()[from_end..event.start], &text.text()[event.start..]);
    if check.is_client() {
        let between = |field: &&Field| field.start >= from_end && field.start < event.start;
        let mut fields = form.offsets().iter().filter(between);
        return Ok(fields.all(|field| OF_CLIENTS.contains(&text.name(*field))));
    }
    let is_chosen = CHOSEN_BY_SIP.iter().any(|name| before.contains(name));
    Ok(!is_chosen || (has_source(before) && !has_source(behind)))
}

/// Whether a text contains the address that a SIP call came from.
fn has_source(text: &str) -> bool {
    const NAME: &str = "SipSourceIp";
    text.match_indices(NAME).any(|(at, _)| {
        text[at + NAME.len()..].starts_with(|first: char| first.is_ascii_hexdigit() || first == ':')
    })
}
