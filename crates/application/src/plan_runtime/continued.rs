//! What follows in an answered call after a destination has failed.

use switchboard_domain::call::{AttemptDestination, AttemptRecord, InboundCall};
use switchboard_domain::identifier::AgentId;
use switchboard_domain::phone_number::PhoneNumber;
use switchboard_domain::plan::{Caller, Skipped};
use switchboard_domain::twiml::Twiml;

use super::fallback_chain::{Attempt, CallStage, FallbackChain, PlannedCall};
use super::handler_attempts::FailedAttempt;
use super::own_handler::Unanswered;
use super::progress::Progress;
use crate::connect_agent::{Connecting, Freshness};
use crate::prepared_answer::PreparedVoice;
use crate::router::RoutedWebhook;

/// The next attempt.
pub(crate) struct Next {
    pub(crate) twiml: Twiml,
    pub(crate) record: AttemptRecord,
    /// The attempts that failed before this one was made.
    pub(crate) failed: Vec<FailedAttempt>,
    /// The agents that were not tried; only the number's own.
    pub(crate) skipped: Vec<(AgentId, Skipped)>,
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
        let Attempt { twiml, record, failed, skipped, .. } = attempt;
        Some(Next { twiml, record, failed, skipped })
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
                match Box::pin(asking).await {
                    Ok(twiml) => twiml,
                    Err(unanswered) => return Some(self.exhausted(*unanswered)),
                }
            }
        };
        Some(Next { twiml, record, failed: Vec::new(), skipped: Vec::new() })
    }

    /// No destination is left while the caller waits.
    fn exhausted(&self, Unanswered { exhausted, failed, skipped }: Unanswered) -> Next {
        Next {
            twiml: self.connect.apologize(),
            record: exhausted,
            failed: failed.into_iter().collect(),
            skipped: skipped.into_iter().collect(),
        }
    }
}
