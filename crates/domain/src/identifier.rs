//! Identifiers that switchboard creates: a four-character prefix for the kind, and 26 characters that sort by time.

use crate::fixed_ascii::fixed_ascii;
use crate::time::Timestamp;

/// Crockford's Base32: no I, L, O or U; its characters sort in the order of their values.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const PREFIX_LENGTH: usize = 4;
const LENGTH: usize = PREFIX_LENGTH + 26;

/// The text is not an identifier of the expected kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {prefix} followed by 26 letters and digits")]
pub struct IdentifierError {
    /// The prefix of the expected kind, for example `agt_`.
    pub prefix: &'static str,
}

/// Encodes 48 bits of milliseconds and 80 random bits, as a ULID does.
fn new(prefix: &str, at: Timestamp, random: [u8; 10]) -> [u8; LENGTH] {
    let millis = u64::try_from(at.millis()).unwrap_or_default() & 0xffff_ffff_ffff;
    let mut bits = u128::from(millis) << 80;
    for (index, byte) in random.iter().enumerate() {
        bits |= u128::from(*byte) << (72 - 8 * index);
    }
    let mut bytes = [0; LENGTH];
    bytes[..PREFIX_LENGTH].copy_from_slice(prefix.as_bytes());
    for (index, byte) in bytes[PREFIX_LENGTH..].iter_mut().enumerate() {
        *byte = ALPHABET[((bits >> (125 - 5 * index)) & 31) as usize];
    }
    bytes
}

fn parse(prefix: &'static str, text: &str) -> Result<[u8; LENGTH], IdentifierError> {
    let error = IdentifierError { prefix };
    let Ok(bytes) = <[u8; LENGTH]>::try_from(text.as_bytes()) else {
        return Err(error);
    };
    let is_identifier = text.starts_with(prefix)
        && bytes[PREFIX_LENGTH..].iter().all(|byte| ALPHABET.contains(byte));
    if is_identifier { Ok(bytes) } else { Err(error) }
}

macro_rules! identifiers {
    ($($(#[$doc:meta])* $name:ident, $prefix:literal;)+) => {$(
        fixed_ascii! {
            $(#[$doc])*
            ///
            /// It is stored inline and not behind an `Arc`: copying 30 bytes costs less than counting references.
            #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
            pub struct $name([u8; LENGTH]);
        }

        impl $name {
            /// Creates an identifier from the current time and 80 random bits.
            pub fn new(at: Timestamp, random: [u8; 10]) -> Self {
                Self(new($prefix, at, random))
            }

            /// Parses an identifier, prefix included.
            pub fn parse(text: &str) -> Result<Self, IdentifierError> {
                parse($prefix, text).map(Self)
            }
        }
    )+};
}

identifiers! {
    /// Identifies an organization (tenant).
    OrganizationId, "org_";
    /// Identifies an agent.
    AgentId, "agt_";
    /// Identifies a stored rejection.
    RejectionId, "rej_";
    /// Identifies a routing plan.
    PlanId, "pln_";
    /// Identifies a conversation between a contact and a sender.
    ConversationId, "cnv_";
    /// Identifies a delivery.
    DeliveryId, "dlv_";
    /// Identifies an event.
    EventId, "evt_";
    /// Identifies a subscription to events.
    SubscriptionId, "sub_";
    /// Identifies an API key.
    ApiKeyId, "key_";
    /// Identifies a job.
    JobId, "job_";
}

#[cfg(test)]
mod tests {
    use super::{AgentId, OrganizationId};
    use crate::time::Timestamp;

    #[test]
    fn identifiers_sort_by_time_and_parse_back() {
        let early = AgentId::new(Timestamp::from_seconds(1_700_000_000), [255; 10]);
        let late = AgentId::new(Timestamp::from_seconds(1_700_000_001), [0; 10]);
        assert!(early < late);
        assert_eq!(AgentId::parse(early.as_str()), Ok(early.clone()));
        assert_eq!(early.as_str().len(), 30);
    }

    #[test]
    fn an_identifier_of_another_kind_is_refused() {
        let agent = AgentId::new(Timestamp::from_seconds(0), [1; 10]);
        let error = OrganizationId::parse(agent.as_str()).unwrap_err();
        assert_eq!(error.to_string(), "expected org_ followed by 26 letters and digits");
    }
}
