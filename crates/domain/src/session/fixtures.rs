//! Fixtures of session token tests.

use super::SessionClaims;
use crate::identifier::AgentId;
use crate::sid::{AccountSid, CallSid};
use crate::time::Timestamp;

pub(crate) const ISSUED_AT: Timestamp = Timestamp::from_seconds(1_795_000_000);

pub(crate) fn claims() -> SessionClaims {
    SessionClaims {
        call: CallSid::parse("CA0123456789abcdef0123456789abcdef").unwrap(),
        agent: AgentId::parse("agt_01kxyz0123456789abcdefghjk").unwrap(),
        account: AccountSid::parse("AC0123456789abcdef0123456789abcdef").unwrap(),
        issued_at: ISSUED_AT,
        expires_at: ISSUED_AT.plus_seconds(900),
    }
}
