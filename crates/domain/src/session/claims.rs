//! The claims of a session token.

use crate::identifier::AgentId;
use crate::sid::{AccountSid, CallSid};
use crate::time::Timestamp;

/// The first bytes of all claims. The length is a multiple of three, so its Base64 does not depend on what follows.
pub(super) const PREFIX: &str = r#"{"iss":"switchboard","aud":"voice","sub":""#;
const _: () = assert!(PREFIX.len().is_multiple_of(3));
const BEFORE_AGENT: &str = r#"","agent":""#;
const BEFORE_ACCOUNT: &str = r#"","account":""#;
const BEFORE_ISSUED: &str = r#"","iat":"#;
const BEFORE_EXPIRES: &str = r#","exp":"#;
const END: &str = "}";
/// Typical length of the rest; a time has ten digits until the year 2286.
const TYPICAL_BYTES: usize = 160;

/// The claims of a session token. Times are encoded in whole seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionClaims {
    /// The call (`sub`).
    pub call: CallSid,
    /// The agent that answers the call (`agent`).
    pub agent: AgentId,
    /// The account that owns the call (`account`).
    pub account: AccountSid,
    /// When the token was created (`iat`).
    pub issued_at: Timestamp,
    /// From when on the token is refused (`exp`).
    pub expires_at: Timestamp,
}

impl SessionClaims {
    /// The claims as JSON, after [`PREFIX`]. No value contains a character that needs escaping.
    pub(super) fn json_after_prefix(&self) -> Vec<u8> {
        let mut json = Vec::with_capacity(TYPICAL_BYTES);
        json.extend_from_slice(self.call.as_bytes());
        json.extend_from_slice(BEFORE_AGENT.as_bytes());
        json.extend_from_slice(self.agent.as_bytes());
        json.extend_from_slice(BEFORE_ACCOUNT.as_bytes());
        json.extend_from_slice(self.account.as_bytes());
        json.extend_from_slice(BEFORE_ISSUED.as_bytes());
        push_seconds(&mut json, self.issued_at);
        json.extend_from_slice(BEFORE_EXPIRES.as_bytes());
        push_seconds(&mut json, self.expires_at);
        json.extend_from_slice(END.as_bytes());
        json
    }

    /// Parses claims in exactly the form that [`Self::json_after_prefix`] writes.
    pub(super) fn from_json(json: &str) -> Option<Self> {
        let after_prefix = json.strip_prefix(PREFIX)?;
        let (call, rest) = after_prefix.split_once(BEFORE_AGENT)?;
        let (agent, rest) = rest.split_once(BEFORE_ACCOUNT)?;
        let (account, rest) = rest.split_once(BEFORE_ISSUED)?;
        let (issued_at, rest) = rest.split_once(BEFORE_EXPIRES)?;
        let expires_at = rest.strip_suffix(END)?;
        let claims = Self {
            call: CallSid::parse(call).ok()?,
            agent: AgentId::parse(agent).ok()?,
            account: AccountSid::parse(account).ok()?,
            issued_at: Timestamp::from_seconds(issued_at.parse().ok()?),
            expires_at: Timestamp::from_seconds(expires_at.parse().ok()?),
        };
        // A number can be written in several ways and can exceed a timestamp, so the claims must encode back to the same
        // bytes.
        (claims.json_after_prefix() == after_prefix.as_bytes()).then_some(claims)
    }
}

fn push_seconds(json: &mut Vec<u8>, at: Timestamp) {
    json.extend_from_slice(itoa::Buffer::new().format(at.seconds()).as_bytes());
}
