//! Where a sealed secret belongs.

use std::fmt;

/// Separates what is bound here from every other use of the same encryption.
const PURPOSE: &[u8] = b"switchboard/sealing/v1";

/// Table, column and row of a sealed secret. It opens there and nowhere else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AssociatedData<'a> {
    /// The table.
    pub table: &'a str,
    /// The column.
    pub column: &'a str,
    /// The key of the row.
    pub key: &'a str,
}

impl AssociatedData<'_> {
    /// What a seal is bound to besides the secret. Each part is preceded by its length: without, parts
    /// could be shifted into each other and two places would be the same.
    pub(super) fn encode(&self, header: &[u8]) -> Vec<u8> {
        let parts =
            [PURPOSE, header, self.table.as_bytes(), self.column.as_bytes(), self.key.as_bytes()];
        let mut data = Vec::with_capacity(parts.iter().map(|part| 8 + part.len()).sum());
        for part in parts {
            // No text in memory has a length beyond 64 bits.
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
