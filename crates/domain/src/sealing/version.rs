//! Tells the secrets apart that a column of a row holds one after another.

/// Version of a secret. It is stored beside the sealed secret, which opens only with it, so the sealed form of a secret
/// that was replaced does not open in the place of the new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecretVersion(i64);

impl SecretVersion {
    /// The version of the first secret of a row.
    pub const FIRST: Self = Self(0);

    /// The version of a secret that replaces one. Random, so that no earlier secret had it: a counter would begin again
    /// when a column is cleared and filled again.
    pub const fn replacement(random: [u8; 8]) -> Self {
        let number = i64::from_be_bytes(random);
        if number == 0 { Self(1) } else { Self(number) }
    }

    /// Wraps a number read from the database.
    pub const fn from_number(number: i64) -> Self {
        Self(number)
    }

    /// The number for the database.
    pub const fn number(self) -> i64 {
        self.0
    }
}
