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

/// The value of a field, unless the form lacks it while it stands in the text of others: it was moved there, so that
/// we would take it for absent.
pub(crate) fn unless_hidden<'a>(
    form: &'a Form,
    name: &'static str,
) -> Result<Option<&'a str>, FieldError> {
    match form.only(name)? {
        None if signed_text(form, |_, _| false).contains(name) => Err(FieldError::malformed(name)),
        value => Ok(value),
    }
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

/// Refuses addresses that have swallowed the fields that are signed next to them: a caller id that is no number may
/// be any text.
pub(crate) fn refuse_swallowed(from: Option<&str>, to: Option<&str>) -> Result<(), FieldError> {
    for (name, value, next) in [
        ("From", from, ["From", "MessageSid", "NumMedia", "SipCallId"]),
        ("To", to, ["ToCity", "ToCountry", "ToState", "ToZip"]),
    ] {
        let address = value.unwrap_or_default();
        // A number has swallowed nothing, and nearly every address is one.
        let is_number = address.bytes().all(|byte| byte == b'+' || byte.is_ascii_digit());
        if !is_number && next.iter().any(|next| address.contains(next)) {
            return Err(FieldError::malformed(name));
        }
    }
    Ok(())
}

/// Refuses a form in which a field, given by its name and value, was moved although its twin, which Twilio always
/// makes equal, was not: the twin's value then still stands behind the field's name, in the text of others (Twilio,
/// "TwiML Voice: request parameters": `Caller` is `From`, `Called` is `To`; "webhook request": `SmsMessageSid` is
/// `MessageSid`). So does a form whose twin was moved as well.
pub(crate) fn refuse_moved(
    form: &Form,
    (name, value): (&'static str, Option<&str>),
    twin: &'static str,
) -> Result<(), FieldError> {
    let is_moved = match (value, form.only(twin)?) {
        (Some(value), Some(genuine)) if value != genuine => {
            let text = signed_text(form, |field, _| field == twin);
            text.contains(&format!("{name}{genuine}"))
        }
        (Some(_), None) => hides(form, twin),
        _ => false,
    };
    if is_moved { Err(FieldError::malformed(name)) } else { Ok(()) }
}

/// Whether a name stands in a value, or inside or at the beginning of another name that is none of
/// Twilio's: those go on with a capital, as `CalledCity` does.
fn hides(form: &Form, hidden: &str) -> bool {
    form.fields().any(|(name, value)| {
        let in_name = name.match_indices(hidden).any(|(at, _)| {
            let after = name[at + hidden.len()..].chars().next();
            at > 0 || !after.is_none_or(char::is_uppercase)
        });
        in_name || value.contains(hidden)
    })
}

/// Refuses a body with a name that does not begin with a letter, as all of Twilio's do: the end of the URL
/// was moved into it.
pub(crate) fn refuse_url_in_name(form: &Form) -> Result<(), FieldError> {
    if form.names().all(|name| name.starts_with(|first: char| first.is_ascii_alphabetic())) {
        Ok(())
    } else {
        Err(FieldError::malformed("AccountSid"))
    }
}

/// Refuses a query into which the body of a captured POST was glued: the body begins with the account, and
/// nothing parts it from what stands before.
pub(crate) fn refuse_glued(form: &Form) -> Result<(), FieldError> {
    let glued = |text: &str| text.contains("AccountSidAC");
    if form.fields().any(|(name, value)| glued(name) || glued(value)) {
        return Err(FieldError::malformed("AccountSid"));
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

#[cfg(test)]
mod tests {
    use crate::call::InboundCall;
    use crate::field::{FieldSource, claimed_account};
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
    fn a_template_that_was_filled_carelessly_is_no_forgery() {
        assert!(is_call(
            "CallSid=CASID&Called=%2B14155550777&From=%2B14155550199&To=%2B14155550100"
        ));
        let other = DIGITS.replace('0', "e");
        assert!(is_message(&format!(
            "Body=&From=%2B14155550199&MessageSid=SMSID&SmsMessageSid=SM{other}&To=%2B14155550100"
        )));
    }

    #[test]
    fn a_caller_id_that_no_grammar_takes_costs_no_call() {
        for from in ["%2Banonymous", "%2B1415555ABCD", "client:", "sip:John+Doe@x", "%2B%2B4930123"]
        {
            assert!(
                is_call(&format!("CallSid=CASID&Caller={from}&From={from}&To=%2B14155550100")),
                "{from}"
            );
        }
    }

    #[test]
    fn the_border_between_url_and_body_cannot_be_moved() {
        let account = |text, source| claimed_account(&form(text), source).is_ok();
        assert!(account("AccountSid=ACSID", FieldSource::Body));
        assert!(!account("/connected=&AccountSid=ACSID", FieldSource::Body));
        assert!(account("agentId=5&AccountSid=ACSID", FieldSource::Query));
        assert!(!account(
            "agentId=5AccountSidACSIDCallerNamex&AccountSid=ACSID",
            FieldSource::Query
        ));
    }
}
