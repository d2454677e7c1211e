//! Signature malleability: Twilio signs without delimiters, so one genuine signature fits many forms.
//!
//! Twilio signs names and values, sorted by name, with nothing between them. Whoever captured a genuine request can
//! cut its signed text into other fields, as long as their names stay in order. The grammars of the fields that
//! decisions depend on refuse most of these forms; the checks in this file refuse the rest (ADR 0004).

use crate::field::FieldError;
use crate::form::Form;
use crate::sid::MessageSid;

const MESSAGE_SID: &str = "MessageSid";
const SID_LENGTH: usize = 34;

/// Returns the value of an optional field. Refuses a form without the field whose other fields contain its name: the
/// field was moved into them so that it would look absent.
pub(crate) fn refuse_hidden<'a>(
    form: &'a Form,
    name: &'static str,
) -> Result<Option<&'a str>, FieldError> {
    match form.only(name)? {
        None if signed_text(form, |_, _| false).contains(name) => Err(FieldError::malformed(name)),
        value => Ok(value),
    }
}

/// Refuses a form whose other fields contain a second `MessageSid`. `Body`, which a sender chooses freely, is signed
/// before `From`, `MessageSid` and `To`, so it can contain forged copies of them, followed by one more name that
/// absorbs the genuine fields, which cannot be left out.
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

/// Refuses addresses that contain the names of the fields signed right after them. A caller ID that is not a number
/// may be any text, so its grammar cannot refuse them.
pub(crate) fn refuse_absorbed_fields(
    from: Option<&str>,
    to: Option<&str>,
) -> Result<(), FieldError> {
    for (name, value, next) in [
        ("From", from, ["From", "MessageSid", "NumMedia", "SipCallId"]),
        ("To", to, ["ToCity", "ToCountry", "ToState", "ToZip"]),
    ] {
        let address = value.unwrap_or_default();
        // Fast path: nearly every address is a number, which cannot contain a name.
        let is_number = address.bytes().all(|byte| byte == b'+' || byte.is_ascii_digit());
        if !is_number && next.iter().any(|next| address.contains(next)) {
            return Err(FieldError::malformed(name));
        }
    }
    Ok(())
}

/// Refuses a form in which a field was replaced while its twin, to which Twilio always gives the same value, was not.
///
/// The genuine field is then still in the text of other fields, as its name followed by the twin's value. A form
/// whose twin was moved as well is refused too. Twins are `Caller` of `From` and `Called` of `To` (Twilio, "TwiML
/// Voice: request parameters"), and `SmsMessageSid` of `MessageSid` (Twilio, "webhook request").
pub(crate) fn refuse_replaced(
    form: &Form,
    (name, value): (&'static str, Option<&str>),
    twin: &'static str,
) -> Result<(), FieldError> {
    let is_moved = match (value, form.only(twin)?) {
        (Some(value), Some(genuine)) if value != genuine => {
            let text = signed_text(form, |field, _| field == twin);
            text.contains(&format!("{name}{genuine}"))
        }
        (Some(_), None) => contains_moved(form, twin),
        _ => false,
    };
    if is_moved { Err(FieldError::malformed(name)) } else { Ok(()) }
}

/// Whether a name occurs in a value or in another name. Twilio's own longer names, such as `CalledCity`, start with
/// the name and continue with a capital letter; they do not count.
fn contains_moved(form: &Form, hidden: &str) -> bool {
    form.fields().any(|(name, value)| {
        let in_name = name.match_indices(hidden).any(|(at, _)| {
            let after = name[at + hidden.len()..].chars().next();
            at > 0 || !after.is_none_or(char::is_uppercase)
        });
        in_name || value.contains(hidden)
    })
}

/// Refuses a body with a name that does not start with a letter, as all of Twilio's names do: the end of the URL was
/// moved into the body.
pub(crate) fn refuse_url_in_name(form: &Form) -> Result<(), FieldError> {
    if form.names().all(|name| name.starts_with(|first: char| first.is_ascii_alphabetic())) {
        Ok(())
    } else {
        Err(FieldError::malformed("AccountSid"))
    }
}

/// Refuses a query to which the body of a captured POST was appended. The signed body starts with `AccountSid`, which
/// then follows the last value of the query without a delimiter.
pub(crate) fn refuse_body_in_query(form: &Form) -> Result<(), FieldError> {
    let contains_body = |text: &str| text.contains("AccountSidAC");
    if form.fields().any(|(name, value)| contains_body(name) || contains_body(value)) {
        return Err(FieldError::malformed("AccountSid"));
    }
    Ok(())
}

/// The signed text of the fields. Fields to leave out are replaced by a line break.
fn signed_text(form: &Form, leave_out: impl Fn(&str, &str) -> bool) -> String {
    let mut sorted: Vec<_> = form.fields().collect();
    sorted.sort_unstable();
    let text = |(name, value)| if leave_out(name, value) { ["\n", ""] } else { [name, value] };
    sorted.into_iter().flat_map(text).collect()
}

#[cfg(test)]
mod tests {
    use crate::call::InboundCall;
    use crate::form::Form;
    use crate::message::InboundMessage;

    const DIGITS: &str = "0123456789abcdef0123456789abcdef";

    fn form(text: &str) -> Form {
        Form::parse(text.replace("SID", DIGITS).as_bytes()).unwrap()
    }

    fn is_call(text: &str) -> bool {
        InboundCall::parse(&form(text)).is_ok()
    }

    fn is_message(text: &str) -> bool {
        InboundMessage::parse(&form(text)).is_ok()
    }

    #[test]
    fn a_sip_header_cannot_become_the_called_number() {
        let genuine = "CallSid=CASID&Called=sip:a@b&From=sip:c@d&SipHeader_X-A=xTo%2B14155550101Toz&To=sip:a@b";
        let moved = "CallSid=CASID&Called=sip:a@b&From=sip:c@d&SipHeader_X-A=x&To=%2B14155550101&Toz=Tosip:a@b";
        assert!(is_call(genuine));
        assert!(!is_call(moved));
        let hidden = "CallSid=CASID&CallStatus=ringingCalledsip:a@b&From=sip:c@d&To=%2B14155550101&Toz=Tosip:a@b";
        assert!(!is_call(hidden));
    }

    #[test]
    fn a_profile_name_cannot_become_another_message() {
        let genuine = "Body=hi&From=whatsapp:%2B14155550199&MessageSid=SMSID&NumMedia=0&ProfileName=P&SmsMessageSid=SMSID&To=whatsapp:%2B14155550100";
        assert!(is_message(genuine));
        let forged = "SM".to_owned() + &DIGITS.replace('0', "f");
        let moved = format!(
            "Body=hiFromwhatsapp:%2B14155550199MessageSidSMSIDNumMedia0ProfileName&From=%2B19995550100&MessageSid={forged}\
             &NumMedia=0&SmsMessageSid=SMSID&To=whatsapp:%2B14155550100"
        );
        assert!(!is_message(&moved));
    }

    #[test]
    fn twins_with_different_values_alone_are_not_refused() {
        assert!(is_call(
            "CallSid=CASID&Called=%2B14155550777&From=%2B14155550199&To=%2B14155550100"
        ));
        let other = DIGITS.replace('0', "e");
        assert!(is_message(&format!(
            "Body=&From=%2B14155550199&MessageSid=SMSID&SmsMessageSid=SM{other}&To=%2B14155550100"
        )));
    }

    #[test]
    fn a_caller_id_that_matches_no_grammar_does_not_refuse_the_call() {
        for from in ["%2Banonymous", "%2B1415555ABCD", "client:", "sip:John+Doe@x", "%2B%2B4930123"]
        {
            assert!(
                is_call(&format!("CallSid=CASID&Caller={from}&From={from}&To=%2B14155550100")),
                "{from}"
            );
        }
    }
}
