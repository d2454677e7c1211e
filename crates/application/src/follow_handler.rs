//! Follows the links in the TwiML of handlers: Twilio requests the next document of a call, or reports something.

use std::sync::Arc;

use switchboard_domain::address::Address;
use switchboard_domain::call::{
    AttemptDestination, AttemptRecord, CallRecord, Disconnection, FollowUp, InboundCall,
    TimelineEntry, TimelineEvent,
};
use switchboard_domain::field::FieldError;
use switchboard_domain::form::Form;
use switchboard_domain::ports::{Clock, HandlerMethod};
use switchboard_domain::rejection::{Endpoint, Refusal};
use switchboard_domain::sender::Sender;
use switchboard_domain::session::{ClaimedLink, FollowedLink, SessionKeys};
use switchboard_domain::time::Timestamp;
use switchboard_domain::twiml::{LinkUse, Twiml};

use crate::agent_cache::AgentCache;
use crate::authenticate::Authenticator;
use crate::connect_agent::{Connecting, Freshness};
use crate::error::{WebhookError, WebhookFailure};
use crate::plan_runtime::{AttemptState, FailedAttempt, FallbackChain, Next, Outcome, Progress};
use crate::recorder::CallRecorder;
use crate::router::{OnOutage, RoutedWebhook, Router};
use crate::verified_webhook::VerifiedWebhook;
use crate::voice_handlers::{AskError, Asked};
use crate::webhook_request::{Parameters, WebhookRequest};

/// The answer to a request that a handler's TwiML asked for.
#[derive(Debug)]
pub enum FollowUpAnswer {
    /// The next document of the call.
    Twiml(Twiml),
    /// The response to a callback, which Twilio ignores.
    Acknowledged,
}

/// The use case that follows the links in the TwiML of handlers.
pub struct FollowHandler {
    authenticator: Arc<Authenticator>,
    router: Arc<Router>,
    fallback_chain: FallbackChain,
    recorder: Arc<CallRecorder>,
    agents: Arc<AgentCache>,
    links: Arc<SessionKeys>,
    clock: Arc<dyn Clock>,
}

impl FollowHandler {
    /// Creates the use case. `links` verify what it follows.
    pub const fn new(
        authenticator: Arc<Authenticator>,
        router: Arc<Router>,
        fallback_chain: FallbackChain,
        recorder: Arc<CallRecorder>,
        agents: Arc<AgentCache>,
        links: Arc<SessionKeys>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { authenticator, router, fallback_chain, recorder, agents, links, clock }
    }

    /// Asks the handler that the link of the request leads to. If it does not answer, the next destination of the call's
    /// fallback chain follows, or an apology.
    pub async fn follow(
        &self,
        request: WebhookRequest<'_>,
    ) -> Result<FollowUpAnswer, WebhookFailure> {
        let webhook = self.authenticator.verify(Endpoint::Handler, &request)?;
        let (link, parameters) = self.link(&webhook, &request)?;
        let follow_up = webhook.read(|form| FollowUp::parse(form, link.used))?;
        let number = follow_up.own_address().and_then(Address::phone_number);
        let webhook =
            self.router.route(webhook, number.map(Sender::from), OnOutage::AssumeUnknown).await?;
        if link.used == LinkUse::Twiml
            && !follow_up.call_ended
            && self.is_over(&webhook, &follow_up).await
        {
            // Nobody waits for the answer to a replayed request, so no handler works for it.
            return Ok(FollowUpAnswer::Twiml(self.fallback_chain.connect.hang_up()));
        }
        let answer = self.ask(&webhook, &link, parameters.as_ref()).await;
        match (link.used, answer) {
            (LinkUse::Callback, _) => Ok(FollowUpAnswer::Acknowledged),
            (LinkUse::Twiml, Ok(twiml)) => Ok(FollowUpAnswer::Twiml(twiml)),
            (LinkUse::Twiml, Err(error)) => {
                let failed = self.after_failure(&webhook, &follow_up, &link, &error);
                Ok(FollowUpAnswer::Twiml(Box::pin(failed).await))
            }
        }
    }

    /// The verified link of a request, and the parameters of the request if they follow the link.
    fn link<'r>(
        &self,
        webhook: &VerifiedWebhook<'_>,
        request: &WebhookRequest<'r>,
    ) -> Result<(FollowedLink<'r>, Option<Form>), WebhookFailure> {
        let account = webhook.verified.account();
        let refused = || {
            let refusal = Refusal::LinkWrong;
            self.authenticator.note(Endpoint::Handler, refusal, account, request);
            webhook.context.failure(WebhookError::Refused(refusal))
        };
        let claimed = ClaimedLink::parse(request.target).ok_or_else(refused)?;
        let rest = claimed.rest();
        let link = self.links.verify_handler_link(claimed, account).ok_or_else(refused)?;
        match request.parameters {
            Parameters::Form(_) if rest.is_empty() => Ok((link, None)),
            Parameters::Query => {
                let form = Form::parse(rest.as_bytes());
                let form =
                    form.map_err(|error| webhook.context.failure(FieldError::from(error)))?;
                Ok((link, Some(form)))
            }
            Parameters::Form(_) | Parameters::Body(_) => Err(refused()),
        }
    }

    /// Whether the call is over, so that the request for its next document was sent again.
    async fn is_over(&self, webhook: &RoutedWebhook<'_>, follow_up: &FollowUp) -> bool {
        let Some(sid) = follow_up.sid() else { return false };
        let call = (webhook.verified().account(), sid);
        if self.router.agent_load().has_ended(call) {
            return true;
        }
        let record = Box::pin(self.fallback_chain.calls.find(call)).await;
        record.is_some_and(|record| record.has_ended())
    }

    async fn ask(
        &self,
        webhook: &RoutedWebhook<'_>,
        link: &FollowedLink<'_>,
        parameters: Option<&Form>,
    ) -> Result<Twiml, AskError> {
        let handlers = &self.fallback_chain.handlers;
        let found = self.agents.find(&link.agent).await.map_err(AskError::Store)?;
        let organization = webhook.verified().organization();
        let own = found.as_ref().filter(|agent| agent.organization == *organization);
        let target = own.and_then(|agent| agent.profile.voice_target.as_ref()?.handler());
        if target.is_none_or(|target| !target.has_origin_of(&link.url)) {
            return Err(AskError::Gone);
        }
        let (method, form) = match parameters {
            Some(form) => (HandlerMethod::Get, form),
            None => (HandlerMethod::Post, webhook.form()),
        };
        let asked =
            Asked { agent: &link.agent, url: &link.url, method, form, progress: link.progress };
        handlers.ask(webhook.traced(), asked, handlers.until()).await
    }

    /// The document that follows a failed handler, and the records of the failure.
    async fn after_failure(
        &self,
        webhook: &RoutedWebhook<'_>,
        follow_up: &FollowUp,
        link: &FollowedLink<'_>,
        error: &AskError,
    ) -> Twiml {
        let connect = &self.fallback_chain.connect;
        let Some(call) = follow_up.call.as_ref().filter(|_| !follow_up.call_ended) else {
            return connect.hang_up();
        };
        // A dialed leg ends alone. The caller stays with the document of the call.
        if follow_up.is_dialed() {
            return connect.hang_up();
        }
        let (account, now) = (webhook.verified().account(), self.clock.now());
        let key = (account, call.call);
        let agent_load = &self.fallback_chain.agent_load;
        let is_news = agent_load.attempt(key, &link.agent) != AttemptState::Over;
        agent_load.end_attempt(key, &link.agent, is_news.then_some(Outcome::Failed), now);
        let before = Progress::of_query(link.progress)
            .unwrap_or_else(|| Progress::default().with_agent(&link.agent));
        let number = call.own_address().and_then(Address::phone_number);
        let connecting = Connecting::new(account, call, number, now, Freshness::Fresh);
        let next = self.fallback_chain.continued(webhook, call, number, &before, connecting).await;
        if is_news {
            self.record(webhook, call, (&before, link, error), next.as_ref(), now);
        }
        next.map_or_else(|| connect.apologize(), |next| next.twiml)
    }

    fn record(
        &self,
        webhook: &RoutedWebhook<'_>,
        call: &InboundCall,
        (before, link, error): (&Progress, &FollowedLink<'_>, &AskError),
        next: Option<&Next>,
        now: Timestamp,
    ) {
        let account = webhook.verified().account();
        let organization = webhook.verified().organization().clone();
        let note = |at, event| {
            let organization = organization.clone();
            self.recorder.note_timeline(TimelineEntry {
                account,
                call: call.call,
                organization,
                at,
                event,
            });
        };
        let mut record = CallRecord::of(account, organization.clone(), call.call, now);
        // The attempt of the number's own agent is recorded once it has failed.
        if webhook.plan().is_none()
            && let Some(begun) = before.begun()
        {
            let destination = AttemptDestination::Agent(link.agent.clone());
            record.attempts.push(AttemptRecord { at: begun, destination });
        }
        let failed = |tried, cause| TimelineEvent::AttemptFailed { tried, cause };
        note(now, failed(before.count(), error.cause()));
        if let Some(next) = next {
            for (agent, why) in &next.skipped {
                note(now, TimelineEvent::AgentSkipped { agent: agent.clone(), why: *why });
            }
            for FailedAttempt { record: attempt, at, tried, cause } in &next.failed {
                record.attempts.push(attempt.clone());
                note(*at, failed(*tried, cause.clone()));
            }
            record.attempts.push(next.record.clone());
        } else {
            let destination = AttemptDestination::Exhausted;
            record.attempts.push(AttemptRecord { at: now, destination });
            record.disconnection = Some(Disconnection { error_code: None, at: now });
        }
        // If the queue is full, the caller still gets the document.
        let _queued = self.recorder.note(record);
    }
}
