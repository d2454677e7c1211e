//! Reads and writes the JSON of columns, and says what is wrong with it.

use serde::{Deserialize, Serialize};
use switchboard_domain::ports::StoreError;
use switchboard_domain::sid::SidError;

/// Why a text is not the JSON of its column. It contains no values, because URLs can contain secrets.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JsonError {
    /// It is not JSON, or has another structure.
    #[error("is not the JSON of this column, at line {line}, column {column}")]
    Shape {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// The field is unknown; a newer version may have written it.
    #[error("contains an unknown field: {name:?}")]
    Field {
        /// The name.
        name: String,
    },
    /// A SID is invalid.
    #[error("has a {key} that cannot be read")]
    Sid {
        /// The field that contains it.
        key: &'static str,
        /// What is wrong with it.
        source: SidError,
    },
    /// Another value that is none of its kind.
    #[error("has a value of {key} that cannot be read")]
    Value {
        /// The field that contains it.
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
