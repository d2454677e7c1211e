//! A call comes in: who answers, and by which TwiML.

use std::sync::Arc;

use switchboard_domain::address::Address;
use switchboard_domain::call::{AttemptRecord, CallDecision, CallRecord, InboundCall, RuleRef};
use switchboard_domain::identifier::AgentId;
use switchboard_domain::plan::{Caller, CallerFacts};
use switchboard_domain::ports::Clock;
use switchboard_domain::rejection::Endpoint;
use switchboard_domain::routing::{Bound, Reason};
use switchboard_domain::sid::{AccountSid, CallSid};
use switchboard_domain::twiml::Twiml;

use crate::authenticate::{Authenticator, WebhookRequest};
use crate::connect_agent::Connecting;
use crate::error::WebhookError;
use crate::plan_runtime::{FallbackChain, PlannedCall, Progress};
use crate::recorder::CallRecorder;
use crate::route_cache::{KnownRoute, RouteCache};

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
    endpoint: Arc<Authenticator>,
    routes: Arc<RouteCache>,
    fallback_chain: FallbackChain,
    recorder: Arc<CallRecorder>,
    clock: Arc<dyn Clock>,
}

/// What was decided about a call, by a plan or without one.
struct Decided {
    twiml: Twiml,
    reason: Reason,
    agent: Option<AgentId>,
    rule: Option<RuleRef>,
    attempt: Option<AttemptRecord>,
    facts: Option<CallerFacts>,
}

impl AnswerCall {
    /// The use case over its parts.
    pub const fn new(
        endpoint: Arc<Authenticator>,
        routes: Arc<RouteCache>,
        fallback_chain: FallbackChain,
        recorder: Arc<CallRecorder>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { endpoint, routes, fallback_chain, recorder, clock }
    }

    /// Answers one request for TwiML. A number that is known is answered without the store.
    pub async fn answer(&self, request: WebhookRequest<'_>) -> Result<CallAnswer, WebhookError> {
        let mut verified_request = self.endpoint.enter(Endpoint::Voice, &request)?;
        let inbound = InboundCall::parse(&verified_request.form)?;
        let account = verified_request.verified.account();
        let number = inbound.own_address().and_then(Address::phone_number);
        let known = match number {
            Some(number) => self.routes.find_for(number, account).await?,
            None => None,
        };
        let bound =
            self.endpoint.bind(&mut verified_request, known.as_ref().map(|known| &known.route))?;
        let now = self.clock.now();
        let connecting = Connecting { account, call: inbound.call, now };
        let plan = known.as_ref().and_then(|known| known.plan.as_ref());
        let decided = match (plan, number) {
            (Some(plan), Some(number)) => {
                let caller = Caller::read(&inbound.from, &verified_request.form);
                let inbound = &inbound;
                let call = PlannedCall { plan, inbound, caller, called: number, connecting };
                let attempt =
                    self.fallback_chain.next_attempt(&call, &Progress::default(), false).await;
                Decided {
                    twiml: attempt.twiml,
                    reason: attempt.reason,
                    agent: attempt.agent,
                    rule: Some(attempt.rule),
                    attempt: Some(attempt.record),
                    facts: Some(attempt.facts),
                }
            }
            _ => self.without_plan(bound, known.as_deref(), &inbound, connecting),
        };
        let answer = CallAnswer {
            twiml: decided.twiml,
            reason: decided.reason,
            agent: decided.agent,
            account,
            call: inbound.call,
        };
        let decision = CallDecision {
            agent: answer.agent.clone(),
            reason: answer.reason,
            verified_by: verified_request.verified.verified_by(),
            rule: decided.rule,
            at: now,
        };
        let noted = known.as_ref().map(|known| &known.noted);
        self.recorder.note_decision(noted, (account, inbound.call), decision, |decision| {
            CallRecord {
                from: Some(inbound.from),
                to: Some(inbound.to),
                decision: Some(decision),
                facts: decided.facts,
                attempts: decided.attempt.into_iter().collect(),
                ..CallRecord::of(
                    account,
                    verified_request.verified.organization().clone(),
                    inbound.call,
                    now,
                )
            }
        });
        Ok(answer)
    }

    /// The number's own agent answers.
    fn without_plan(
        &self,
        bound: Bound<'_>,
        known: Option<&KnownRoute>,
        inbound: &InboundCall,
        connecting: Connecting,
    ) -> Decided {
        let own = known.map_or(Err(Reason::UnknownNumber), |known| known.own_agent(bound));
        let connect = &self.fallback_chain.connect;
        let twiml = own.ok().and_then(|own| connect.own_agent(connecting, own));
        Decided {
            twiml: twiml.unwrap_or_else(|| connect.nobody(inbound.direction)),
            reason: own.err().unwrap_or(Reason::Assigned),
            agent: own.ok().map(|own| own.id.clone()),
            rule: None,
            attempt: None,
            facts: None,
        }
    }
}
