//! Keys of our own: a prefix that tells the kind, and 26 characters that sort by time.

use std::fmt;

use crate::time::Timestamp;

/// Crockford's base 32: no I, L, O or U; digits and letters sort as bytes do.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// Length of a prefix.
const PREFIX: usize = 4;
/// Length of a whole key.
const WHOLE: usize = PREFIX + 26;

/// Why a text is not a key of ours.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {prefix} followed by 26 letters and digits")]
pub struct IdentifierError {
    /// The prefix of the kind that was expected, for example `agt_`.
    pub prefix: &'static str,
}

/// A key whose 26 characters are 48 bits of milliseconds and 80 bits of chance.
fn new(prefix: &str, at: Timestamp, chance: [u8; 10]) -> [u8; WHOLE] {
    let millis = u64::try_from(at.millis()).unwrap_or_default() & 0xffff_ffff_ffff;
    let mut bits = u128::from(millis) << 80;
    for (index, byte) in chance.iter().enumerate() {
        bits |= u128::from(*byte) << (72 - 8 * index);
    }
    let mut bytes = [0; WHOLE];
    bytes[..PREFIX].copy_from_slice(prefix.as_bytes());
    for (index, byte) in bytes[PREFIX..].iter_mut().enumerate() {
        *byte = ALPHABET[((bits >> (125 - 5 * index)) & 31) as usize];
    }
    bytes
}

fn parse(prefix: &'static str, text: &str) -> Result<[u8; WHOLE], IdentifierError> {
    let error = IdentifierError { prefix };
    let Ok(bytes) = <[u8; WHOLE]>::try_from(text.as_bytes()) else {
        return Err(error);
    };
    let is_key =
        text.starts_with(prefix) && bytes[PREFIX..].iter().all(|byte| ALPHABET.contains(byte));
    if is_key { Ok(bytes) } else { Err(error) }
}

macro_rules! identifiers {
    ($($(#[$doc:meta])* $name:ident, $prefix:literal;)+) => {$(
        $(#[$doc])*
        ///
        /// It is kept where it is named, and not shared: a key is copied for less than it costs to count who
        /// holds it.
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; WHOLE]);

        impl $name {
            /// A new key, made of the time and of 80 random bits.
            pub fn new(at: Timestamp, chance: [u8; 10]) -> Self {
                Self(new($prefix, at, chance))
            }

            /// Parses a key as it was shown.
            pub fn parse(text: &str) -> Result<Self, IdentifierError> {
                parse($prefix, text).map(Self)
            }

            /// Its ASCII text as bytes, which nobody has to check again.
            pub const fn as_bytes(&self) -> &[u8; WHOLE] {
                &self.0
            }

            /// The key with its prefix.
            pub fn as_str(&self) -> &str {
                // The bytes were ASCII when they were made or parsed, and nothing changes them.
                std::str::from_utf8(&self.0).unwrap_or_default()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    )+};
}

identifiers! {
    /// A tenant.
    OrganizationId, "org_";
    /// What answers a call or a message.
    AgentId, "agt_";
    /// A request that was refused.
    RejectionId, "rej_";
    /// A routing plan.
    PlanId, "pln_";
}

#[cfg(test)]
mod tests {
    use super::{AgentId, OrganizationId};
    use crate::time::Timestamp;

    #[test]
    fn keys_sort_by_time_and_parse_back() {
        let early = AgentId::new(Timestamp::from_seconds(1_700_000_000), [255; 10]);
        let late = AgentId::new(Timestamp::from_seconds(1_700_000_001), [0; 10]);
        assert!(early < late);
        assert_eq!(AgentId::parse(early.as_str()), Ok(early.clone()));
        assert_eq!(early.as_str().len(), 30);
    }

    #[test]
    fn a_key_of_another_kind_is_refused() {
        let agent = AgentId::new(Timestamp::from_seconds(0), [1; 10]);
        let error = OrganizationId::parse(agent.as_str()).unwrap_err();
        assert_eq!(error.to_string(), "expected org_ followed by 26 letters and digits");
    }
}
