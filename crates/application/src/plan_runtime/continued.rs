//! What follows in an answered call after a destination has failed.

use switchboard_domain::call::{AttemptDestination, AttemptRecord, FailureCause, InboundCall};
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::plan::Caller;
use switchboard_domain::time::Timestamp;
use switchboard_domain::twiml::Twiml;
use switchboard_domain::web_address::WebUrl;

use super::fallback_chain::{CallStage, FallbackChain, PlannedCall};
use super::handler_attempts::FailedAttempt;
use super::progress::Progress;
use crate::connect_agent::{Connecting, Freshness};
use crate::prepared_answer::PreparedVoice;
use crate::route_cache::OwnAgent;
use crate::router::RoutedWebhook;
use crate::voice_handlers::Asked;

/// The next attempt.
pub(crate) struct Next {
    pub(crate) twiml: Twiml,
    pub(crate) record: AttemptRecord,
    /// The attempts that failed before this one was made.
    pub(crate) failed: Vec<FailedAttempt>,
}

/// Why an attempt failed, and when.
struct Failure {
    at: Timestamp,
    tried: u32,
    cause: FailureCause,
}

impl FallbackChain {
    /// Makes the next attempt; `None` if there is none.
    pub(crate) async fn continued(
        &self,
        webhook: &RoutedWebhook<'_>,
        call: &InboundCall,
        number: Option<PhoneNumber>,
        before: &Progress,
        connecting: Connecting<'_>,
    ) -> Option<Next> {
        let Some(plan) = webhook.plan() else {
            return self.by_own_agent(webhook, before, connecting).await;
        };
        let caller = Caller::read(&call.from, webhook.form());
        let call =
            PlannedCall { webhook, plan, inbound: call, caller, called: number?, connecting };
        let attempt = self.next_attempt(&call, before, CallStage::Answered).await;
        Some(Next { twiml: attempt.twiml, record: attempt.record, failed: attempt.failed })
    }

    /// If the plan was detached during the call, the number's own agent takes the call, unless it
    /// was tried before.
    async fn by_own_agent(
        &self,
        webhook: &RoutedWebhook<'_>,
        before: &Progress,
        connecting: Connecting<'_>,
    ) -> Option<Next> {
        let own = webhook.own_agent().ok().filter(|own| !before.has(own.id))?;
        let destination = AttemptDestination::Agent(own.id.clone());
        let record = AttemptRecord { at: connecting.now, destination };
        let twiml = match own.voice? {
            PreparedVoice::Answer(answer) => {
                self.connect.connect(connecting, own.id, answer, own.calls)
            }
            PreparedVoice::Handler(_) if connecting.freshness == Freshness::Stale => return None,
            PreparedVoice::Handler(url) => {
                let asking = self.ask_own(webhook, (own, url), before, connecting);
                match Box::pin(asking).await? {
                    Ok(twiml) => twiml,
                    Err(failed) => return Some(self.exhausted(record, failed)),
                }
            }
        };
        Some(Next { twiml, record, failed: Vec::new() })
    }

    /// Lets the handler of the number's own agent answer; `None` if it did not answer the calls before this one.
    async fn ask_own(
        &self,
        webhook: &RoutedWebhook<'_>,
        (own, url): (OwnAgent<'_>, &WebUrl),
        before: &Progress,
        connecting: Connecting<'_>,
    ) -> Option<Result<Twiml, Failure>> {
        let key = connecting.key();
        if own.health.is_some_and(|health| !health.try_call(key, connecting.now)) {
            return None;
        }
        let progress = before.clone().with_agent(own.id);
        let after = progress.query();
        let asked = Asked::first(own.id, url, webhook.form(), &after);
        let answer = self.handlers.ask(webhook.traced(), asked, self.handlers.until()).await;
        if let Some(health) = own.health {
            health.asked(key, &answer);
        }
        let at = self.handlers.after(connecting.now);
        Some(answer.map_err(|error| Failure { at, tried: progress.count(), cause: error.cause() }))
    }

    /// No destination is left after an attempt that failed while Twilio waited for the answer.
    fn exhausted(&self, record: AttemptRecord, Failure { at, tried, cause }: Failure) -> Next {
        let destination = AttemptDestination::Exhausted;
        Next {
            twiml: self.connect.apologize(),
            record: AttemptRecord { at, destination },
            failed: vec![FailedAttempt { record, at, tried, cause }],
        }
    }
}
