//! A call is connected to an agent, or to nobody.

use std::sync::Arc;

use switchboard_domain::call::CallDirection;
use switchboard_domain::identifier::AgentId;
use switchboard_domain::session::{SessionClaims, SessionKeys};
use switchboard_domain::sid::{AccountSid, CallSid};
use switchboard_domain::time::Timestamp;
use switchboard_domain::twiml::{RejectReason, Twiml, TwimlTooLarge, VoiceResponse, VoiceVerb};

use crate::open_session::AgentCache;
use crate::prepared_answer::{FirstCall, PreparedVoice};
use crate::route_cache::OwnAgent;

/// How long a voice server may use a session token after the call was answered, in seconds: it asks at
/// once, and again only if it has to start anew.
const SESSION_SECONDS: i64 = 10 * 60;

/// Connects calls to agents.
#[derive(Clone)]
pub struct ConnectAgent {
    agents: Arc<AgentCache>,
    sessions: Arc<SessionKeys>,
    neutral: Neutral,
}

/// A call that is to be connected.
#[derive(Clone, Copy)]
pub(crate) struct Connecting {
    pub(crate) account: AccountSid,
    pub(crate) call: CallSid,
    pub(crate) now: Timestamp,
}

impl ConnectAgent {
    /// Connects with sessions of these keys; agents are read ahead by `agents`.
    pub fn new(agents: Arc<AgentCache>, sessions: Arc<SessionKeys>) -> Result<Self, TwimlTooLarge> {
        Ok(Self { agents, sessions, neutral: Neutral::new()? })
    }

    /// The TwiML that connects a call to an agent. With the first of its calls, the agent is read ahead.
    pub(crate) fn connect(
        &self,
        Connecting { account, call, now }: Connecting,
        agent: &AgentId,
        voice: &PreparedVoice,
        calls: &FirstCall,
    ) -> Twiml {
        if calls.is_now() {
            self.agents.warm(agent);
        }
        voice.answer(call, || {
            self.sessions.mint(&SessionClaims {
                call,
                agent: agent.clone(),
                account,
                issued_at: now,
                expires_at: now.plus_seconds(SESSION_SECONDS),
            })
        })
    }

    /// The TwiML that connects a call to its number's own agent, if it can be connected.
    pub(crate) fn own_agent(&self, connecting: Connecting, own: OwnAgent<'_>) -> Option<Twiml> {
        own.voice.map(|voice| self.connect(connecting, own.id, voice, own.calls))
    }

    /// What a caller gets whom nobody answers.
    pub(crate) fn no_agent(&self, direction: CallDirection) -> Twiml {
        self.neutral.answer(direction)
    }

    /// What ends a call.
    pub(crate) fn hang_up(&self) -> Twiml {
        self.neutral.hang_up.clone()
    }
}

/// What a caller gets whom nobody answers: a busy line, which is not billed, as the call is never
/// answered (Twilio, TwiML Reject). A call that we began is answered already, so it is ended.
#[derive(Clone)]
struct Neutral {
    busy: Twiml,
    hang_up: Twiml,
}

impl Neutral {
    fn new() -> Result<Self, TwimlTooLarge> {
        let only = |verb| VoiceResponse::new().then(verb).render();
        Ok(Self {
            busy: only(VoiceVerb::Reject { reason: RejectReason::Busy })?,
            hang_up: only(VoiceVerb::Hangup)?,
        })
    }

    fn answer(&self, direction: CallDirection) -> Twiml {
        match direction {
            CallDirection::Inbound => self.busy.clone(),
            CallDirection::OutboundApi | CallDirection::OutboundDial => self.hang_up.clone(),
        }
    }
}
