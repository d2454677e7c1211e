//! A step of a call is over: what follows.

use std::sync::Arc;

use switchboard_domain::address::Address;
use switchboard_domain::call::{
    AttemptDestination, AttemptRecord, CallRecord, ConnectionEnd, Disconnection, InboundCall,
};
use switchboard_domain::plan::Caller;
use switchboard_domain::ports::Clock;
use switchboard_domain::rejection::Endpoint;
use switchboard_domain::routing::Bound;
use switchboard_domain::time::Timestamp;
use switchboard_domain::twiml::Twiml;

use crate::authenticate::{Authenticator, WebhookRequest};
use crate::connect_agent::Connecting;
use crate::error::WebhookError;
use crate::plan_runtime::{FallbackChain, Outcome, PlannedCall, Progress};
use crate::recorder::CallRecorder;
use crate::route_cache::{KnownRoute, RouteCache};

/// Hears of the end of connections.
pub struct EndConnection {
    endpoint: Arc<Authenticator>,
    routes: Arc<RouteCache>,
    fallback_chain: FallbackChain,
    recorder: Arc<CallRecorder>,
    clock: Arc<dyn Clock>,
}

impl EndConnection {
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

    /// Records the end, and tells Twilio what follows: where a step of a routing plan came to nothing the next one at
    /// once, otherwise the end of the call.
    pub async fn end(&self, request: WebhookRequest<'_>) -> Result<Twiml, WebhookError> {
        let mut verified_request = self.endpoint.enter(Endpoint::Connected, &request)?;
        let end = ConnectionEnd::parse(&verified_request.form)?;
        let call = InboundCall::parse(&verified_request.form)?;
        let account = verified_request.verified.account();
        let number = call.own_address().and_then(Address::phone_number);
        let known = match number {
            Some(number) => self.routes.find_if_reachable(number, account).await?,
            None => None,
        };
        let bound =
            self.endpoint.bind(&mut verified_request, known.as_ref().map(|known| &known.route))?;
        let now = self.clock.now();
        if let Some(code) = end.error_code {
            tracing::warn!(call.sid = %end.call, account.sid = %account, error.code = code, "the connection to the agent failed");
        }
        // Nobody takes a call that is over.
        let goes_on = end.failed && !end.call_ended;
        let before = Progress::parse(request.target);
        let is_news = self.heard(&end, before.as_ref(), now);
        let connecting = Connecting { account, call: end.call, now };
        let plan = known.as_ref().and_then(|known| known.plan.as_ref());
        let next = match (before, number, plan) {
            (Some(before), Some(number), Some(plan)) if goes_on => {
                let caller = Caller::read(&call.from, &verified_request.form);
                let inbound = &call;
                let call = PlannedCall { plan, inbound, caller, called: number, connecting };
                let attempt = self.fallback_chain.next_attempt(&call, &before, true).await;
                Some((attempt.twiml, attempt.record))
            }
            (Some(before), _, None) if goes_on => {
                self.without_plan(bound, known.as_deref(), &before, connecting)
            }
            _ => None,
        };
        let organization = verified_request.verified.organization().clone();
        let mut record = CallRecord {
            from: Some(call.from),
            to: Some(call.to),
            ..CallRecord::of(account, organization, end.call, now)
        };
        let twiml = if let Some((twiml, attempt)) = next {
            record.attempts.extend(is_news.then_some(attempt));
            twiml
        } else {
            record.disconnection = Some(Disconnection { error_code: end.error_code, at: now });
            self.fallback_chain.connect.hang_up()
        };
        self.recorder.note(record);
        Ok(twiml)
    }

    /// Takes in how an agent's part in a call went. `false` if this was told before, and the call is another agent's.
    fn heard(&self, end: &ConnectionEnd, before: Option<&Progress>, now: Timestamp) -> bool {
        let outcome = match end {
            ConnectionEnd { failed: true, .. } => Outcome::Failed,
            ConnectionEnd { call_ended: true, .. } => Outcome::CallOver,
            _ => Outcome::Done,
        };
        before
            .and_then(Progress::last_agent)
            .is_none_or(|agent| self.fallback_chain.agent_load.parts(end.call, agent, outcome, now))
    }

    /// The number's own agent takes a call whose plan has gone meanwhile, unless it had the call already.
    fn without_plan(
        &self,
        bound: Bound<'_>,
        known: Option<&KnownRoute>,
        before: &Progress,
        connecting: Connecting,
    ) -> Option<(Twiml, AttemptRecord)> {
        let own = known?.own_agent(bound).ok().filter(|own| !before.has(own.id))?;
        let twiml = self.fallback_chain.connect.own_agent(connecting, own)?;
        let attempt = AttemptRecord {
            at: connecting.now,
            destination: AttemptDestination::Agent(own.id.clone()),
        };
        Some((twiml, attempt))
    }
}
