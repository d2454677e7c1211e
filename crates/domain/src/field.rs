//! Fields that decisions depend on: present exactly once and valid by their own grammar, or the request is refused.
//!
//! Twilio signs names and values without delimiters, so a genuine signature does not fix where one field ends and the
//! next begins. Strict grammars do (ADR 0004).

use crate::form::{Form, FormError};

/// A field is not accepted. The error never contains the value, which may be a phone number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FieldError {
    /// The required field is missing.
    #[error("field {name} is missing")]
    Missing {
        /// Name of the field.
        name: &'static str,
    },
    /// The value does not match the field's grammar.
    #[error("field {name} is malformed")]
    Malformed {
        /// Name of the field.
        name: &'static str,
    },
    /// The form is invalid, for example because the field is repeated.
    #[error("form cannot be read")]
    Form(#[from] FormError),
}

impl FieldError {
    /// Creates [`FieldError::Missing`].
    pub const fn missing(name: &'static str) -> Self {
        Self::Missing { name }
    }

    /// Creates [`FieldError::Malformed`].
    pub const fn malformed(name: &'static str) -> Self {
        Self::Malformed { name }
    }
}

/// Parses a field that must be present exactly once.
pub fn required<T>(
    form: &Form,
    name: &'static str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<T, FieldError> {
    required_text(name, form.only(name)?, parse)
}

/// Parses a required field whose text the caller has already looked up.
pub(crate) fn required_text<T>(
    name: &'static str,
    text: Option<&str>,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<T, FieldError> {
    parse(text.ok_or(FieldError::missing(name))?).ok_or(FieldError::malformed(name))
}

/// Parses a field that may be present once.
pub fn optional<T>(
    form: &Form,
    name: &'static str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, FieldError> {
    optional_text(name, form.only(name)?, parse)
}

/// Parses an optional field whose text the caller has already looked up.
pub(crate) fn optional_text<T>(
    name: &'static str,
    text: Option<&str>,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, FieldError> {
    text.map(|text| parse(text).ok_or(FieldError::malformed(name))).transpose()
}

/// Parses an unsigned number in a field that may be absent, and that Twilio may leave empty.
pub fn optional_number(form: &Form, name: &'static str) -> Result<Option<u32>, FieldError> {
    match form.only(name)? {
        None | Some("") => Ok(None),
        Some(text) => text.parse().map(Some).map_err(|_not_a_number| FieldError::malformed(name)),
    }
}
