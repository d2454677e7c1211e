//! Associated data: what a sealed secret is bound to.

use std::fmt;

/// Domain separation from any other use of the same key.
const PURPOSE: &[u8] = b"switchboard/sealing/v1";

/// Location of a sealed secret in the database. The secret opens only for the location it was sealed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AssociatedData<'a> {
    /// Name of the table.
    pub table: &'a str,
    /// Name of the column.
    pub column: &'a str,
    /// Primary key of the row.
    pub key: &'a str,
}

impl AssociatedData<'_> {
    /// Encodes the header of the sealed secret and its location as associated data. Each part is preceded by its
    /// length; otherwise, text could shift from one part into the next, and two locations would encode alike.
    pub(super) fn encode(&self, header: &[u8]) -> Vec<u8> {
        let parts =
            [PURPOSE, header, self.table.as_bytes(), self.column.as_bytes(), self.key.as_bytes()];
        let mut data = Vec::with_capacity(parts.iter().map(|part| 8 + part.len()).sum());
        for part in parts {
            // A length in memory always fits into 64 bits.
            data.extend_from_slice(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            data.extend_from_slice(part);
        }
        data
    }
}

impl fmt::Display for AssociatedData<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{} of {}", self.table, self.column, self.key)
    }
}
