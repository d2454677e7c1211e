//! Decodes stored values. The error for an unreadable value names table, column and key.

use std::error::Error;

use switchboard_domain::phone_number::Masked;
use switchboard_domain::ports::StoreError;

/// A row that is converted to a type of the domain.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    table: &'static str,
    key: &'a str,
    secrecy: Secrecy,
}

#[derive(Clone, Copy)]
enum Secrecy {
    Shown,
    Masked,
}

/// A word that is not one of the values of its column.
#[derive(Debug, thiserror::Error)]
#[error("is not one of the values of this column")]
pub(crate) struct UnknownWord;

/// A column is empty, but another column of the row requires a value.
#[derive(Debug, thiserror::Error)]
#[error("is empty, but another column of the row requires a value")]
pub(crate) struct Empty;

impl<'a> Row<'a> {
    /// A row whose key is not private.
    pub(crate) const fn new(table: &'static str, key: &'a str) -> Self {
        Self { table, key, secrecy: Secrecy::Shown }
    }

    /// A row whose key is a phone number.
    pub(crate) const fn masked(table: &'static str, key: &'a str) -> Self {
        Self { table, key, secrecy: Secrecy::Masked }
    }

    /// The value of a column, or the error that names table, column and key.
    pub(crate) fn read<T, E>(
        self,
        column: &'static str,
        value: Result<T, E>,
    ) -> Result<T, StoreError>
    where
        E: Error + Send + Sync + 'static,
    {
        value.map_err(|source| StoreError::Corrupt {
            table: self.table,
            column,
            key: match self.secrecy {
                Secrecy::Shown => self.key.to_owned(),
                Secrecy::Masked => Masked::new(self.key).to_string(),
            },
            source: Box::new(source),
        })
    }

    /// The value of a column that contains one of a fixed set of words.
    pub(crate) fn word<T>(self, column: &'static str, value: Option<T>) -> Result<T, StoreError> {
        self.read(column, value.ok_or(UnknownWord))
    }

    /// The value of a column that must not be empty if another column is not.
    pub(crate) fn filled<T>(self, column: &'static str, value: Option<T>) -> Result<T, StoreError> {
        self.read(column, value.ok_or(Empty))
    }

    /// The value of a column that may be empty.
    pub(crate) fn optional<T, E>(
        self,
        column: &'static str,
        text: Option<&str>,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, StoreError>
    where
        E: Error + Send + Sync + 'static,
    {
        self.read(column, text.map(parse).transpose())
    }
}

/// Whether a row cannot be read because of a word that a newer release may know.
pub(crate) fn has_unknown_word(error: &StoreError) -> bool {
    matches!(error, StoreError::Corrupt { source, .. } if source.is::<UnknownWord>())
}
