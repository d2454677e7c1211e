//! Associated data: what a sealed secret is bound to.

use std::fmt;

use super::SecretVersion;

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
    /// Encodes the header of the sealed secret, its location and its version as associated data. Each part is preceded by
    /// its length; otherwise, text could shift from one part into the next, and two locations would encode alike. The
    /// first version is left out: secrets from before there were versions have it.
    pub(super) fn encode(&self, header: &[u8], version: SecretVersion) -> Vec<u8> {
        let location =
            [PURPOSE, header, self.table.as_bytes(), self.column.as_bytes(), self.key.as_bytes()];
        let number = version.number().to_be_bytes();
        let version: Option<&[u8]> = (version != SecretVersion::FIRST).then_some(&number);
        let mut data = Vec::new();
        for part in location.into_iter().chain(version) {
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
