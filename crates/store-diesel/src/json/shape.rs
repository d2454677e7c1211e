//! Reading and writing, and why a text is not what is kept.

use serde::{Deserialize, Serialize};
use switchboard_domain::ports::StoreError;
use switchboard_domain::sid::SidError;

/// Why a text is not what is kept. No value of a field is in it, as URLs can carry secrets.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JsonError {
    /// No JSON, or other JSON.
    #[error("is not the JSON that is kept here, at line {line}, column {column}")]
    Shape {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// The name of a field that a newer program may know.
    #[error("speaks of a field that this program does not know: {name:?}")]
    Field {
        /// The name.
        name: String,
    },
    /// A SID that is none.
    #[error("has a {key} that cannot be read")]
    Sid {
        /// Where it stands.
        key: &'static str,
        /// What is wrong with it.
        source: SidError,
    },
    /// Another value that is none of its kind.
    #[error("has a value of {key} that cannot be read")]
    Value {
        /// Where it stands.
        key: &'static str,
    },
}

/// Reads a text.
pub(super) fn read<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T, JsonError> {
    // The reader's own words show values.
    serde_json::from_str(text)
        .map_err(|error| JsonError::Shape { line: error.line(), column: error.column() })
}

/// Writes a text, for that operation.
pub(super) fn write(operation: &'static str, value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value)
        .map_err(|source| StoreError::Failed { operation, source: Box::new(source) })
}
