//! The fields that we act on: present once, in their grammar, or the request is unreadable.
//!
//! Twilio signs names and values without anything between them, so a genuine signature does not fix where
//! one field ends and the next begins. Strict grammars do.

use crate::field_smuggling::{refuse_glued, refuse_url_in_name};
use crate::form::{Form, FormError};
use crate::sid::AccountSid;

/// Why a field is not taken. The value itself is never part of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FieldError {
    /// The field is not there.
    #[error("field {name} is missing")]
    Missing {
        /// Its name.
        name: &'static str,
    },
    /// The value does not fit the field's grammar.
    #[error("field {name} is malformed")]
    Malformed {
        /// Its name.
        name: &'static str,
    },
    /// The form itself says no, for example because the field is there twice.
    #[error("form cannot be read")]
    Form(#[from] FormError),
}

impl FieldError {
    /// The field is not there.
    pub const fn missing(name: &'static str) -> Self {
        Self::Missing { name }
    }

    /// The value does not fit the field's grammar.
    pub const fn malformed(name: &'static str) -> Self {
        Self::Malformed { name }
    }
}

/// The parsed value of a field that has to be there once.
pub fn required<T>(
    form: &Form,
    name: &'static str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<T, FieldError> {
    given(name, form.only(name)?, parse)
}

/// The parsed value of a field that has to be there, where its text was found already.
pub(crate) fn given<T>(
    name: &'static str,
    text: Option<&str>,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<T, FieldError> {
    parse(text.ok_or(FieldError::missing(name))?).ok_or(FieldError::malformed(name))
}

/// The parsed value of a field that may be there once.
pub fn optional<T>(
    form: &Form,
    name: &'static str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, FieldError> {
    match form.only(name)? {
        Some(text) => parse(text).map(Some).ok_or(FieldError::malformed(name)),
        None => Ok(None),
    }
}

/// A number in a field that may be there once, and that Twilio may leave empty.
pub fn number_or_empty(form: &Form, name: &'static str) -> Result<Option<u32>, FieldError> {
    match form.only(name)? {
        None | Some("") => Ok(None),
        Some(text) => text.parse().map(Some).map_err(|_not_a_number| FieldError::malformed(name)),
    }
}

/// The account that a request names, unless the border between its URL and its body was moved: whoever
/// captured a request could append the body to the query, or take the end of the URL into the body.
pub fn claimed_account(form: &Form, source: FieldSource) -> Result<AccountSid, FieldError> {
    match source {
        FieldSource::Body => refuse_url_in_name(form)?,
        FieldSource::Query => refuse_glued(form)?,
    }
    required(form, "AccountSid", |text| AccountSid::parse(text).ok())
}

/// Where the fields of a request come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldSource {
    /// The body of a form.
    Body,
    /// The query of the URL.
    Query,
}
