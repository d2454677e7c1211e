//! Ends a connection: an agent's stream, a dialed phone or a recording has ended, and Twilio
//! requests further TwiML.

use std::sync::Arc;

use switchboard_domain::address::Address;
use switchboard_domain::call::{
    CallKey, CallRecord, ConnectionEnd, Disconnection, FailureCause, InboundCall, TimelineEntry,
    TimelineEvent,
};
use switchboard_domain::identifier::AgentId;
use switchboard_domain::ports::Clock;
use switchboard_domain::rejection::Endpoint;
use switchboard_domain::sender::Sender;
use switchboard_domain::time::Timestamp;
use switchboard_domain::twiml::Twiml;

use crate::authenticate::Authenticator;
use crate::connect_agent::{Connecting, Freshness};
use crate::error::{WebhookError, WebhookFailure};
use crate::failure_counters::FailureCounters;
use crate::plan_runtime::{AttemptState, FailedAttempt, FallbackChain, Next, Outcome, Progress};
use crate::recorder::CallRecorder;
use crate::router::{OnOutage, RoutedWebhook, Router};
use crate::webhook_request::WebhookRequest;

/// Whether the end of an agent's connection is reported for the first time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Report {
    /// It is reported for the first time.
    News,
    /// It was reported before. Twilio probably retries.
    Repeated,
    /// It was reported before, longer ago than Twilio retries.
    Stale,
}

/// Handles the end of a connection to an agent: tries the next destination, or ends the call.
pub struct EndConnection {
    authenticator: Arc<Authenticator>,
    router: Arc<Router>,
    fallback_chain: FallbackChain,
    recorder: Arc<CallRecorder>,
    clock: Arc<dyn Clock>,
    failures: FailureCounters,
}

/// The agent whose connection failed. The URL of the request names it, and it must be an agent of
/// the number, because anyone who has the account's token can name any agent.
fn failed_agent<'a>(
    webhook: &'a RoutedWebhook<'_>,
    before: Option<&'a Progress>,
) -> Option<&'a AgentId> {
    let own = webhook.own_agent().ok().map(|own| own.id);
    match before.and_then(Progress::last_agent) {
        None => own,
        Some(last) if own == Some(last) => own,
        Some(last) => {
            let agents = webhook.plan()?.plan.agents();
            agents.iter().map(|agent| &agent.id).find(|id| *id == last)
        }
    }
}

impl EndConnection {
    /// Creates the use case.
    pub fn new(
        authenticator: Arc<Authenticator>,
        router: Arc<Router>,
        fallback_chain: FallbackChain,
        recorder: Arc<CallRecorder>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let failures = FailureCounters::default();
        Self { authenticator, router, fallback_chain, recorder, clock, failures }
    }

    /// Records the end and returns the TwiML that follows: the next attempt of the fallback chain
    /// if this attempt failed, otherwise the end of the call.
    pub async fn end(&self, request: WebhookRequest<'_>) -> Result<Twiml, WebhookFailure> {
        let webhook = self.authenticator.verify(Endpoint::Connected, &request)?;
        let end = webhook.read(ConnectionEnd::parse)?;
        let call = webhook.read(InboundCall::parse)?;
        let number = call.own_address().and_then(Address::phone_number);
        let webhook =
            self.router.route(webhook, number.map(Sender::from), OnOutage::AssumeUnknown).await?;
        let account = webhook.verified().account();
        let now = self.clock.now();
        if let Some(code) = end.error_code() {
            tracing::warn!(call.sid = %end.call, account.sid = %account, error.code = code, "connection to the agent failed");
        }
        let before = Progress::parse(request.target);
        let report = match &before {
            Some(before) => self.report((account, end.call), &end, before, now).await,
            None => Report::News,
        };
        // A repeated request is not a new failure.
        if end.leaves_caller() && report == Report::News {
            self.failures.count(failed_agent(&webhook, before.as_ref()));
        }
        let connecting = {
            let has_ended = self.router.agent_load().has_ended((account, end.call));
            let is_stale = has_ended || report == Report::Stale;
            Connecting::new(account, &call, number, now, Freshness::stale_if(is_stale))
        };
        // A call that has ended gets no further attempt.
        let goes_on = end.leaves_caller();
        let next = match &before {
            Some(before) if goes_on => {
                self.fallback_chain.continued(&webhook, &call, number, before, connecting).await
            }
            _ => None,
        };
        let organization = webhook.verified().organization().clone();
        let mut record = CallRecord {
            from: Some(call.from),
            to: Some(call.to),
            direction: Some(call.direction),
            ..CallRecord::of(account, organization, end.call, now)
        };
        let failed = before.zip(end.failure.clone()).filter(|_| goes_on && report == Report::News);
        if let Some((before, cause)) = failed {
            self.note_failure(&record, now, before.count(), cause);
        }
        let twiml = if let Some(Next { twiml, record: attempt, failed, skipped }) = next {
            if report == Report::News {
                for (agent, why) in skipped {
                    self.note(&record, now, TimelineEvent::AgentSkipped { agent, why });
                }
                for FailedAttempt { record: attempt, at, tried, cause } in failed {
                    record.attempts.push(attempt);
                    self.note_failure(&record, at, tried, cause);
                }
                record.attempts.push(attempt);
            }
            twiml
        } else {
            record.disconnection = Some(Disconnection { error_code: end.error_code(), at: now });
            let connect = &self.fallback_chain.connect;
            if goes_on { connect.apologize() } else { connect.hang_up() }
        };
        let is_end = record.disconnection.is_some();
        if !self.recorder.note(record) && is_end {
            return Err(webhook.context.failure(WebhookError::QueueFull));
        }
        Ok(twiml)
    }

    fn note_failure(&self, of: &CallRecord, at: Timestamp, tried: u32, cause: FailureCause) {
        self.note(of, at, TimelineEvent::AttemptFailed { tried, cause });
    }

    fn note(&self, of: &CallRecord, at: Timestamp, event: TimelineEvent) {
        let CallRecord { account, call, organization, .. } = of;
        let (account, call, organization) = (*account, *call, organization.clone());
        self.recorder.note_timeline(TimelineEntry { account, call, organization, at, event });
    }

    /// Determines whether the end of the last attempt is reported for the first time.
    async fn report(
        &self,
        call: CallKey,
        end: &ConnectionEnd,
        before: &Progress,
        now: Timestamp,
    ) -> Report {
        match (before.tried_with_actions(), before.last_agent()) {
            (None, None) => Report::News,
            (None, Some(agent)) => self.release_agent(call, end, agent, now).await,
            // The end of an action, which affects neither load nor health.
            (Some(tried), _) => {
                let record = Box::pin(self.fallback_chain.calls.find(call)).await;
                match record {
                    Some(record) if record.is_over() => Report::Stale,
                    Some(record) if record.has_more_attempts(tried) => Report::Repeated,
                    _ => Report::News,
                }
            }
        }
    }

    /// Records how the connection to an agent ended. The record of the call is read if this process
    /// does not know whether the report is new, or if the report would change the health of a voice
    /// server.
    async fn release_agent(
        &self,
        call: CallKey,
        end: &ConnectionEnd,
        agent: &AgentId,
        now: Timestamp,
    ) -> Report {
        let outcome = match end {
            ConnectionEnd { failure: Some(_), .. } => Outcome::Failed,
            ConnectionEnd { call_ended: true, .. } => Outcome::CallOver,
            _ => Outcome::Done,
        };
        let agent_load = &self.fallback_chain.agent_load;
        let state = agent_load.attempt(call, agent);
        let is_read = match state {
            AttemptState::Live(since) => match outcome {
                Outcome::Failed => true,
                Outcome::Done => now.seconds() <= since.seconds(),
                Outcome::CallOver => false,
            },
            AttemptState::Over => false,
            AttemptState::Unknown => end.failure.is_some(),
        };
        let calls = &self.fallback_chain.calls;
        let record = if is_read { Box::pin(calls.find(call)).await } else { None };
        let is = |of: &dyn Fn(&CallRecord) -> bool| record.as_ref().is_some_and(of);
        let (report, outcome) = match state {
            AttemptState::Live(since) => {
                let is_stale = is(&|record| {
                    record.is_repeated_end(agent) || record.is_stale_session(agent, since)
                });
                (Report::News, (!is_stale).then_some(outcome))
            }
            AttemptState::Over => (Report::Repeated, None),
            AttemptState::Unknown if is(&|record| record.is_stale_end(agent, now)) => {
                (Report::Stale, None)
            }
            AttemptState::Unknown if is(&|record| record.is_repeated_end(agent)) => {
                (Report::Repeated, None)
            }
            AttemptState::Unknown => (Report::News, None),
        };
        agent_load.end_attempt(call, agent, outcome, now);
        report
    }
}
