//! The account that a request names, before its signature is checked.

use crate::field::{FieldError, required};
use crate::field_smuggling::{refuse_body_in_query, refuse_url_in_name};
use crate::form::Form;
use crate::sid::AccountSid;

/// Where the fields of a request come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldSource {
    /// The form in the body.
    Body,
    /// The query of the URL.
    Query,
}

/// Parses `AccountSid`.
///
/// Refuses a request in which the border between URL and body was moved: whoever captured a request could append the
/// body to the query, or move the end of the URL into the body, without changing the signed text.
pub fn claimed_account(form: &Form, source: FieldSource) -> Result<AccountSid, FieldError> {
    match source {
        FieldSource::Body => refuse_url_in_name(form)?,
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
        let account = |text: &str, source| {
            let text = text.replace("SID", "0123456789abcdef0123456789abcdef");
            claimed_account(&Form::parse(text.as_bytes()).unwrap(), source).is_ok()
        };
        assert!(account("AccountSid=ACSID", FieldSource::Body));
        assert!(!account("/connected=&AccountSid=ACSID", FieldSource::Body));
        assert!(account("agentId=5&AccountSid=ACSID", FieldSource::Query));
        assert!(!account(
            "agentId=5AccountSidACSIDCallerNamex&AccountSid=ACSID",
            FieldSource::Query
        ));
    }
}
