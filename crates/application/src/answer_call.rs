//! A call comes in: who answers, and by which TwiML.

use std::sync::Arc;

use switchboard_domain::address::Address;
use switchboard_domain::call::{CallDecision, CallRecord, InboundCall, Leg};
use switchboard_domain::identifier::AgentId;
use switchboard_domain::ports::Clock;
use switchboard_domain::rejection::Door;
use switchboard_domain::routing::{Decision, Reason, decide_call};
use switchboard_domain::session::{SessionClaims, SessionKeys};
use switchboard_domain::sid::{AccountSid, CallSid};
use switchboard_domain::twiml::{RejectReason, Twiml, TwimlTooLarge, VoiceResponse, VoiceVerb};

use crate::front_door::{FrontDoor, WebhookRequest};
use crate::open_session::AgentCache;
use crate::outcome::Closed;
use crate::recorder::CallRecorder;
use crate::route_cache::RouteCache;

/// How long a voice server may use a session token after the call was answered, in seconds: it asks at
/// once, and again only if it has to start anew.
const SESSION_SECONDS: i64 = 10 * 60;

/// The answer to a call.
pub struct CallAnswer {
    /// What Twilio is told to do.
    pub twiml: Twiml,
    /// Why.
    pub reason: Reason,
    /// Who answers, if anybody.
    pub agent: Option<AgentId>,
    /// The account of the call.
    pub account: AccountSid,
    /// The call.
    pub call: CallSid,
}

/// Answers calls.
pub struct AnswerCall {
    door: Arc<FrontDoor>,
    routes: Arc<RouteCache>,
    agents: Arc<AgentCache>,
    sessions: Arc<SessionKeys>,
    recorder: Arc<CallRecorder>,
    clock: Arc<dyn Clock>,
    neutral: Neutral,
}

impl AnswerCall {
    /// The use case over its parts.
    pub fn new(
        door: Arc<FrontDoor>,
        routes: Arc<RouteCache>,
        agents: Arc<AgentCache>,
        sessions: Arc<SessionKeys>,
        recorder: Arc<CallRecorder>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, TwimlTooLarge> {
        Ok(Self { door, routes, agents, sessions, recorder, clock, neutral: Neutral::new()? })
    }

    /// Answers one request for TwiML. A number that is known is answered without the store.
    pub async fn answer(&self, request: WebhookRequest<'_>) -> Result<CallAnswer, Closed> {
        let mut entered = self.door.enter(Door::Voice, &request)?;
        let inbound = InboundCall::parse(&entered.form)?;
        let known = match inbound.own_side().and_then(Address::phone_number) {
            Some(number) => self.routes.find_for(number, entered.admitted.account()).await?,
            None => None,
        };
        let bound = self.door.bind(&mut entered, known.as_ref().map(|known| &known.route))?;
        let decision = decide_call(bound, self.routes.voice_server());
        let now = self.clock.now();
        let account = entered.admitted.account();
        let twiml = match (&decision, known.as_ref().and_then(|known| known.agent.as_ref())) {
            (Decision::Agent { assigned, .. }, Some(compiled)) => {
                if compiled.is_first_call() {
                    self.agents.warm(&assigned.agent);
                }
                compiled.voice(inbound.call, || {
                    self.sessions.mint(&SessionClaims {
                        call: inbound.call,
                        agent: assigned.agent.clone(),
                        account,
                        issued_at: now,
                        expires_at: now.plus_seconds(SESSION_SECONDS),
                    })
                })
            }
            _ => None,
        };
        let answer = CallAnswer {
            twiml: twiml.unwrap_or_else(|| self.neutral.answer(inbound.leg)),
            reason: decision.reason(),
            agent: decision.agent().cloned(),
            account,
            call: inbound.call,
        };
        let decided = CallDecision {
            agent: answer.agent.clone(),
            reason: answer.reason,
            evidence: entered.admitted.evidence(),
            rule: None,
            at: now,
        };
        self.recorder.note_decision((account, inbound.call), decided, |decided| CallRecord {
            from: Some(inbound.from),
            to: Some(inbound.to),
            decision: Some(decided),
            ..CallRecord::of(account, entered.admitted.organization().clone(), inbound.call, now)
        });
        Ok(answer)
    }
}

/// What a caller gets whom nobody answers: a busy line, which is not billed, as the call is never
/// answered (Twilio, TwiML Reject). A call that we began is answered already, so it is ended.
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

    fn answer(&self, leg: Leg) -> Twiml {
        match leg {
            Leg::Inbound => self.busy.clone(),
            Leg::Placed | Leg::Dialled => self.hang_up.clone(),
        }
    }
}
