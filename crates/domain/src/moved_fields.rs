//! Fields whose borders were moved under a genuine signature.
//!
//! Twilio signs names and values, sorted by name, with nothing between them. Whoever has one genuine request
//! can therefore cut its text into other fields, as long as their names stay in order. The grammars of the
//! fields that we act on refuse most of that; here is what they cannot see.

use crate::field::FieldError;
use crate::form::Form;
use crate::sid::MessageSid;

const MESSAGE_SID: &str = "MessageSid";
const SID_LENGTH: usize = 34;

/// Refuses a form that lacks a field which then stands in the text of others: it was moved there, so that
/// we would take it for absent.
pub(crate) fn refuse_hidden(form: &Form, name: &'static str) -> Result<(), FieldError> {
    if form.only(name)?.is_some() || !signed_text(form, |_, _| false).contains(name) {
        return Ok(());
    }
    Err(FieldError::malformed(name))
}

/// Refuses a form in whose remaining fields another message hides. What people write is signed before
/// `From`, `MessageSid` and `To`, so a text can spell all of them, and one more name that swallows the
/// genuine ones, which cannot be left out.
pub(crate) fn refuse_second_message(form: &Form) -> Result<(), FieldError> {
    let is_sid = |text: &str| MessageSid::parse(text).is_ok();
    let own =
        |name: &str, value: &str| name == "Body" || (name.ends_with(MESSAGE_SID) && is_sid(value));
    let text = signed_text(form, own);
    let mut places = text.match_indices(MESSAGE_SID).map(|(at, _)| at + MESSAGE_SID.len());
    if places.any(|at| text.get(at..at + SID_LENGTH).is_some_and(is_sid)) {
        return Err(FieldError::malformed(MESSAGE_SID));
    }
    Ok(())
}

/// Refuses a form in which an address has swallowed the fields that are signed next to it: a caller id that
/// is no number may be any text.
pub(crate) fn refuse_swallowed(form: &Form) -> Result<(), FieldError> {
    for (name, next) in [
        ("From", ["FromCity", "FromCountry", "FromState", "FromZip"]),
        ("To", ["ToCity", "ToCountry", "ToState", "ToZip"]),
    ] {
        let address = form.only(name)?.unwrap_or_default();
        if !address.starts_with('+') && next.iter().any(|next| address.contains(next)) {
            return Err(FieldError::malformed(name));
        }
    }
    Ok(())
}

/// The fields as they are signed, with a line break for each one to be left out.
fn signed_text(form: &Form, leave_out: impl Fn(&str, &str) -> bool) -> String {
    let mut sorted: Vec<_> = form.fields().collect();
    sorted.sort_unstable();
    let shown = |(name, value)| if leave_out(name, value) { ["\n", ""] } else { [name, value] };
    sorted.into_iter().flat_map(shown).collect()
}
