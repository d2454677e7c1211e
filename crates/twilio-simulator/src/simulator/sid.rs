//! SIDs of resources that have no SID type in the domain, and the generator of new SIDs and tokens.

use std::fmt;

use ring::digest::{SHA256, digest};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use switchboard_domain::secret::Secret;
use switchboard_domain::sid::AccountSid;

const LENGTH: usize = 34;

/// A SID of any kind: two capital letters and 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sid([u8; LENGTH]);

impl Sid {
    /// Parses a SID with the given prefix, for example `PN`. Returns `None` if the text is not such a SID.
    pub fn parse(prefix: &str, text: &str) -> Option<Self> {
        Self::parse_any(text).filter(|sid| sid.prefix() == prefix)
    }

    /// The SID as text.
    pub fn as_str(&self) -> &str {
        // The bytes are ASCII: `parse_any` checks them and nothing changes them.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The two-letter prefix, which names the kind of resource.
    pub fn prefix(&self) -> &str {
        &self.as_str()[..2]
    }

    fn parse_any(text: &str) -> Option<Self> {
        let bytes = <[u8; LENGTH]>::try_from(text.as_bytes()).ok()?;
        let (prefix, digits) = bytes.split_at(2);
        let is_sid =
            prefix.iter().all(u8::is_ascii_uppercase) && digits.iter().all(u8::is_ascii_hexdigit);
        is_sid.then_some(Self(bytes))
    }
}

impl fmt::Display for Sid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Sid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Sid {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Sid {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse_any(&text).ok_or_else(|| {
            serde::de::Error::custom(
                "a SID is two capital letters followed by 32 hexadecimal digits",
            )
        })
    }
}

/// Generates SIDs and tokens. The same requests in the same order yield the same values, so that tests and demos are
/// reproducible.
#[derive(Debug, Default)]
pub(crate) struct IdGenerator {
    made: u64,
}

impl IdGenerator {
    /// A new SID with this prefix.
    pub(crate) fn sid(&mut self, prefix: [u8; 2]) -> Sid {
        let mut bytes = [0; LENGTH];
        bytes[..2].copy_from_slice(&prefix);
        bytes[2..].copy_from_slice(self.digits(prefix).as_bytes());
        Sid(bytes)
    }

    /// A new account SID.
    pub(crate) fn account(&mut self) -> AccountSid {
        loop {
            if let Ok(sid) = AccountSid::parse(self.sid(*b"AC").as_str()) {
                return sid;
            }
        }
    }

    /// A new auth token or API key secret: 32 hexadecimal digits.
    pub(crate) fn token(&mut self) -> Secret {
        Secret::new(self.digits(*b"to"))
    }

    fn digits(&mut self, purpose: [u8; 2]) -> String {
        self.made += 1;
        let mut seed = purpose.to_vec();
        seed.extend_from_slice(&self.made.to_be_bytes());
        let hash = digest(&SHA256, &seed);
        let digit = |digit: u8| char::from_digit(u32::from(digit), 16).unwrap_or_default();
        hash.as_ref()[..16].iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{IdGenerator, Sid};

    #[test]
    fn a_generator_yields_the_same_distinct_identifiers_each_time() {
        let row = || {
            let mut ids = IdGenerator::default();
            [ids.sid(*b"PN"), ids.sid(*b"PN"), ids.sid(*b"MG")]
        };
        assert_eq!(row(), row());
        assert_ne!(row()[0], row()[1]);
        assert_eq!(row()[2].prefix(), "MG");
        let mut ids = IdGenerator::default();
        assert!(ids.account().as_str().starts_with("AC"));
        assert_ne!(ids.token().expose(), ids.token().expose());
    }

    #[test]
    fn only_two_letters_and_32_digits_are_a_sid() {
        let text = format!("PN{}", "0".repeat(32));
        assert_eq!(Sid::parse("PN", &text).unwrap().as_str(), text);
        for wrong in ["", "PN", &text[..33], &text.to_lowercase(), &text.replace('0', "x")] {
            assert_eq!(Sid::parse("PN", wrong), None, "{wrong}");
        }
        assert_eq!(Sid::parse("MG", &text), None);
    }
}
