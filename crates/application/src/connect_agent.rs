//! Connects a call to an agent, or answers it when no agent can take it.

use std::sync::Arc;

use switchboard_domain::address::Address;
use switchboard_domain::call::{CallDirection, CallKey, InboundCall};
use switchboard_domain::identifier::AgentId;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::session::{SessionClaims, SessionKeys};
use switchboard_domain::sid::{AccountSid, CallSid};
use switchboard_domain::time::Timestamp;
use switchboard_domain::twiml::{
    CallParameters, RejectReason, Say, Twiml, TwimlTooLarge, VoiceResponse, VoiceVerb,
};

use crate::agent_cache::AgentCache;
use crate::prepared_answer::{FirstCall, PreparedAnswer};

/// Seconds for which a session token is valid after the call is answered. A voice server reads its
/// session immediately, and again only if it restarts.
const SESSION_SECONDS: i64 = 120;

/// Connects calls to agents.
#[derive(Clone)]
pub struct ConnectAgent {
    agents: Arc<AgentCache>,
    sessions: Arc<SessionKeys>,
    neutral: Neutral,
}

/// Whether Twilio still waits for the answer to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Freshness {
    /// Twilio waits for the answer.
    Fresh,
    /// The request is older than Twilio repeats requests, or its call is over: someone sent a recorded request again. It
    /// starts no session and takes no capacity.
    Stale,
}

impl Freshness {
    pub(crate) const fn stale_if(is_stale: bool) -> Self {
        if is_stale { Self::Stale } else { Self::Fresh }
    }
}

/// A call to connect.
#[derive(Clone, Copy)]
pub(crate) struct Connecting<'a> {
    pub(crate) account: AccountSid,
    pub(crate) call: CallSid,
    pub(crate) from: &'a Address,
    pub(crate) to: &'a Address,
    pub(crate) direction: CallDirection,
    pub(crate) now: Timestamp,
    /// The called number, if Twilio cannot show the caller's own address to the dialed phone.
    pub(crate) caller_id: Option<PhoneNumber>,
    pub(crate) freshness: Freshness,
}

impl<'a> Connecting<'a> {
    /// Creates the connection of `inbound`, a call to our number `called`.
    pub(crate) fn new(
        account: AccountSid,
        inbound: &'a InboundCall,
        called: Option<PhoneNumber>,
        now: Timestamp,
        freshness: Freshness,
    ) -> Self {
        let caller_id = called.filter(|_| !inbound.from.is_caller_id());
        let InboundCall { call, ref from, ref to, direction } = *inbound;
        Self { account, call, from, to, direction, now, caller_id, freshness }
    }

    /// The key of the call: its account and SID.
    pub(crate) const fn key(&self) -> CallKey {
        (self.account, self.call)
    }
}

impl ConnectAgent {
    /// Creates the use case. `sessions` create tokens, and `agents` are prefetched.
    pub fn new(agents: Arc<AgentCache>, sessions: Arc<SessionKeys>) -> Result<Self, TwimlTooLarge> {
        Ok(Self { agents, sessions, neutral: Neutral::new()? })
    }

    /// Prefetches an agent at its first call, so that later requests about the call need no store.
    pub(crate) fn prefetch(&self, agent: &AgentId, calls: &FirstCall) {
        if calls.is_now() {
            self.agents.warm(agent);
        }
    }

    /// Returns the TwiML that connects a call to an agent. The first call of an agent prefetches
    /// the agent.
    pub(crate) fn connect(
        &self,
        Connecting { account, call, from, to, direction, now, caller_id, freshness }: Connecting<
            '_,
        >,
        agent: &AgentId,
        answer: &PreparedAnswer,
        calls: &FirstCall,
    ) -> Twiml {
        self.prefetch(agent, calls);
        let parameters = CallParameters { call, from, to, direction: direction.as_str() };
        answer.answer(&parameters, caller_id, || {
            if freshness == Freshness::Stale {
                return String::new();
            }
            self.sessions.mint(&SessionClaims {
                call,
                agent: agent.clone(),
                account,
                issued_at: now,
                expires_at: now.plus_seconds(SESSION_SECONDS),
            })
        })
    }

    /// Returns the answer when no agent takes the call.
    pub(crate) fn no_agent(&self, direction: CallDirection) -> Twiml {
        self.neutral.answer(direction)
    }

    /// Returns the TwiML that ends a call.
    pub(crate) fn hang_up(&self) -> Twiml {
        self.neutral.hang_up.clone()
    }

    /// Returns the TwiML that ends an answered call that no agent takes. The caller hears a
    /// sentence first.
    pub(crate) fn apologize(&self) -> Twiml {
        self.neutral.apology.clone()
    }
}

/// The answer when no agent takes the call: a busy signal, which is not billed because the call is
/// never answered (Twilio, TwiML Reject). An outbound call has already been answered, so it is hung
/// up.
#[derive(Clone)]
struct Neutral {
    busy: Twiml,
    hang_up: Twiml,
    apology: Twiml,
}

/// The sentence that the caller of an answered call hears if no agent takes it.
const APOLOGY: &str =
    "We are sorry. Your call cannot be completed at the moment. Please try again later.";

impl Neutral {
    fn new() -> Result<Self, TwimlTooLarge> {
        let only = |verb| VoiceResponse::new().then(verb).render();
        Ok(Self {
            busy: only(VoiceVerb::Reject { reason: RejectReason::Busy })?,
            hang_up: only(VoiceVerb::Hangup)?,
            apology: VoiceResponse::new()
                .then(VoiceVerb::Say(Say {
                    text: APOLOGY.to_owned(),
                    language: Some("en-US".to_owned()),
                }))
                .then(VoiceVerb::Hangup)
                .render()?,
        })
    }

    fn answer(&self, direction: CallDirection) -> Twiml {
        match direction {
            CallDirection::Inbound => self.busy.clone(),
            CallDirection::OutboundApi | CallDirection::OutboundDial => self.hang_up.clone(),
        }
    }
}
