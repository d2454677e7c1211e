//! The border between the URL and the body, which the signature does not contain either.

use super::signed_text::{SignedText, ensure};
use super::values::starts_account_sid;
use crate::field::FieldError;
use crate::form::Form;

const ACCOUNT_SID: &str = "AccountSid";

/// Refuses a body whose first name in signed order starts with the end of the URL of a captured request. That is the rest
/// of a path or a query of ours, or any text that is followed by the genuine `AccountSid`.
pub(crate) fn refuse_url_in_body(form: &Form, target: &str) -> Result<(), FieldError> {
    ensure(!contains_body(target), ACCOUNT_SID)?;
    // Fast path: the name that Twilio signs first is the first one.
    if !form.has_name_before(ACCOUNT_SID) {
        return Ok(());
    }
    ensure(!form.fields().any(starts_url), ACCOUNT_SID)?;
    let form = form.in_signed_order();
    let [own] = form.only_in_order([ACCOUNT_SID])?;
    let text = SignedText::new(&form);
    let before = 0..own.map_or(0, |own| own.start);
    let is_account = |text: &str| {
        starts_account_sid(text) || text.strip_prefix('=').is_some_and(starts_account_sid)
    };
    ensure(text.copies(ACCOUNT_SID, before, is_account).next().is_none(), ACCOUNT_SID)
}

/// Whether the text of a field, in which nothing divides name and value, starts with the rest of a URL of ours.
fn starts_url((name, value): (&str, &str)) -> bool {
    ["/connected", "/handler", "/?", "?"].iter().any(|url| {
        let rest = url.strip_prefix(name);
        name.starts_with(url) || rest.is_some_and(|rest| value.starts_with(rest))
    })
}

/// Refuses a query to which the body of a captured POST was appended. The signed body starts with `AccountSid`, which
/// then follows the last value of the query without a delimiter.
pub(crate) fn refuse_body_in_query(form: &Form) -> Result<(), FieldError> {
    let appended = form.fields().any(|(name, value)| contains_body(name) || contains_body(value));
    ensure(!appended, ACCOUNT_SID)
}

fn contains_body(text: &str) -> bool {
    text.contains("AccountSidAC")
}
