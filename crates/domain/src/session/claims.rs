//! What a session token says.

use crate::identifier::AgentId;
use crate::sid::{AccountSid, CallSid};
use crate::time::Timestamp;

/// What all claims begin with. It is whole threes of bytes, so it looks the same in Base64 whatever follows.
pub(super) const BEGINNING: &str = r#"{"iss":"switchboard","aud":"voice","sub":""#;
const _: () = assert!(BEGINNING.len().is_multiple_of(3));
const BEFORE_AGENT: &str = r#"","agent":""#;
const BEFORE_ACCOUNT: &str = r#"","account":""#;
const BEFORE_ISSUED: &str = r#"","iat":"#;
const BEFORE_EXPIRES: &str = r#","exp":"#;
const END: &str = "}";
/// Room for what follows; a time has ten digits until the year 2286.
const TYPICAL_BYTES: usize = 160;

/// What a session token says. Times are kept in whole seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionClaims {
    /// The call.
    pub call: CallSid,
    /// The agent that answers it.
    pub agent: AgentId,
    /// The account that the call came through.
    pub account: AccountSid,
    /// When the token was made.
    pub issued_at: Timestamp,
    /// From when on it is no longer taken.
    pub expires_at: Timestamp,
}

impl SessionClaims {
    /// The claims as JSON behind [`BEGINNING`], always in this one form. No value has a character that needs
    /// escaping.
    pub(super) fn after_beginning(&self) -> Vec<u8> {
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

    /// Reads claims in the one form that we write.
    pub(super) fn from_json(json: &str) -> Option<Self> {
        let after_beginning = json.strip_prefix(BEGINNING)?;
        let (call, rest) = after_beginning.split_once(BEFORE_AGENT)?;
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
        // A number can be written in several ways, and can be larger than an instant: only what we
        // would write ourselves is taken.
        (claims.after_beginning() == after_beginning.as_bytes()).then_some(claims)
    }
}

fn push_seconds(json: &mut Vec<u8>, at: Timestamp) {
    json.extend_from_slice(itoa::Buffer::new().format(at.seconds()).as_bytes());
}
