//! Ends a connection: an agent's stream, a dialed phone or a recording is over, and Twilio asks what follows.

use std::sync::Arc;

use switchboard_domain::address::Address;
use switchboard_domain::call::{
    AttemptDestination, AttemptRecord, CallRecord, ConnectionEnd, Disconnection, InboundCall,
};
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::plan::Caller;
use switchboard_domain::ports::Clock;
use switchboard_domain::rejection::Endpoint;
use switchboard_domain::sid::AccountSid;
use switchboard_domain::time::Timestamp;
use switchboard_domain::twiml::Twiml;

use crate::authenticate::Authenticator;
use crate::connect_agent::Connecting;
use crate::error::{WebhookError, WebhookFailure};
use crate::plan_runtime::{CallStage, FallbackChain, Outcome, PlannedCall, Progress};
use crate::recorder::CallRecorder;
use crate::router::{OnOutage, RoutedWebhook, Router};
use crate::webhook_request::WebhookRequest;

/// Ends connections.
pub struct EndConnection {
    authenticator: Arc<Authenticator>,
    router: Arc<Router>,
    fallback_chain: FallbackChain,
    recorder: Arc<CallRecorder>,
    clock: Arc<dyn Clock>,
}

impl EndConnection {
    /// The use case over its parts.
    pub const fn new(
        authenticator: Arc<Authenticator>,
        router: Arc<Router>,
        fallback_chain: FallbackChain,
        recorder: Arc<CallRecorder>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { authenticator, router, fallback_chain, recorder, clock }
    }

    /// Records the end and answers what follows: the next attempt of the fallback chain if this one failed, otherwise
    /// the end of the call.
    pub async fn end(&self, request: WebhookRequest<'_>) -> Result<Twiml, WebhookFailure> {
        let webhook = self.authenticator.verify(Endpoint::Connected, &request)?;
        let end = webhook.read(ConnectionEnd::parse)?;
        let call = webhook.read(InboundCall::parse)?;
        let number = call.own_address().and_then(Address::phone_number);
        let webhook = self.router.route(webhook, number, OnOutage::AssumeUnknown).await?;
        let account = webhook.verified().account();
        let now = self.clock.now();
        if let Some(code) = end.error_code {
            tracing::warn!(call.sid = %end.call, account.sid = %account, error.code = code, "connection to the agent failed");
        }
        let before = Progress::parse(request.target);
        let is_news = self.release_agent(account, &end, before.as_ref(), now);
        let connecting = {
            let has_ended = self.router.agent_load().has_ended((account, end.call));
            Connecting::new(account, &call, number, now, has_ended)
        };
        // A call that is over gets no further attempt.
        let goes_on = end.failed && !end.call_ended;
        let next = match &before {
            Some(before) if goes_on => {
                self.next_attempt(&webhook, &call, number, before, connecting).await
            }
            _ => None,
        };
        let organization = webhook.verified().organization().clone();
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
        let is_end = record.disconnection.is_some();
        if !self.recorder.note(record) && is_end {
            return Err(webhook.context.failure(WebhookError::QueueFull));
        }
        Ok(twiml)
    }

    /// Records how the agent's part of the call ended. `false` if another agent has the call by now: this end was
    /// reported before.
    fn release_agent(
        &self,
        account: AccountSid,
        end: &ConnectionEnd,
        before: Option<&Progress>,
        now: Timestamp,
    ) -> bool {
        let outcome = match end {
            ConnectionEnd { failed: true, .. } => Outcome::Failed,
            ConnectionEnd { call_ended: true, .. } => Outcome::CallOver,
            _ => Outcome::Done,
        };
        before.and_then(Progress::last_agent).is_none_or(|agent| {
            self.fallback_chain.agent_load.end_attempt((account, end.call), agent, outcome, now)
        })
    }

    async fn next_attempt(
        &self,
        webhook: &RoutedWebhook<'_>,
        call: &InboundCall,
        number: Option<PhoneNumber>,
        before: &Progress,
        connecting: Connecting,
    ) -> Option<(Twiml, AttemptRecord)> {
        let Some(plan) = webhook.plan() else {
            return self.by_own_agent(webhook, before, connecting);
        };
        let caller = Caller::read(&call.from, webhook.form());
        let call =
            PlannedCall { webhook, plan, inbound: call, caller, called: number?, connecting };
        let attempt = self.fallback_chain.next_attempt(&call, before, CallStage::Answered).await;
        Some((attempt.twiml, attempt.record))
    }

    /// The number's own agent takes a call whose plan was detached meanwhile, unless it was tried before.
    fn by_own_agent(
        &self,
        webhook: &RoutedWebhook<'_>,
        before: &Progress,
        connecting: Connecting,
    ) -> Option<(Twiml, AttemptRecord)> {
        let own = webhook.own_agent().ok().filter(|own| !before.has(own.id))?;
        let twiml = self.fallback_chain.connect.own_agent(connecting, own)?;
        let destination = AttemptDestination::Agent(own.id.clone());
        Some((twiml, AttemptRecord { at: connecting.now, destination }))
    }
}
