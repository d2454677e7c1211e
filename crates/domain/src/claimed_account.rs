//! The account that a request names, before its signature is checked.

use crate::field::{FieldError, required};
use crate::field_smuggling::{refuse_body_in_query, refuse_url_in_body};
use crate::form::Form;
use crate::sid::AccountSid;

/// Where the fields of a request come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldSource<'a> {
    /// The form in the body.
    Body {
        /// Path and query of the request.
        target: &'a str,
    },
    /// The query of the URL.
    Query,
}

/// Parses `AccountSid`.
///
/// Refuses a request in which the border between URL and body was moved: whoever captured a request could append the
/// body to the query, or move the end of the URL into the body, without changing the signed text.
pub fn claimed_account(form: &Form, source: FieldSource<'_>) -> Result<AccountSid, FieldError> {
    match source {
        FieldSource::Body { target } => refuse_url_in_body(form, target)?,
        FieldSource::Query => refuse_body_in_query(form)?,
    }
    required(form, "AccountSid", |text| AccountSid::parse(text).ok())
}

#[cfg(test)]
mod tests {
    use super::{FieldSource, claimed_account};
    use crate::form::Form;

    #[test]
    fn the_border_between_url_and_body_cannot_be_moved() {
        const BODY: FieldSource<'_> = FieldSource::Body { target: "/api/twilio/voice" };
        let account = |text: &str, source| {
            let text = text.replace("SID", "0123456789abcdef0123456789abcdef");
            claimed_account(&Form::parse(text.as_bytes()).unwrap(), source).is_ok()
        };
        assert!(account("AccountSid=ACSID", BODY));
        assert!(!account("/connected=&AccountSid=ACSID", BODY));
        assert!(account("agentId=5&AccountSid=ACSID", FieldSource::Query));
        assert!(!account(
            "agentId=5AccountSidACSIDCallerNamex&AccountSid=ACSID",
            FieldSource::Query
        ));
    }
}
