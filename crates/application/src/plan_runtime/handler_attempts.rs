//! Attempts of a fallback chain that ask the handlers of agents, while Twilio waits for the answer.

use switchboard_domain::call::{AttemptDestination, AttemptRecord, FailureCause};
use switchboard_domain::plan::PlanAgent;
use switchboard_domain::time::Timestamp;
use switchboard_domain::twiml::Twiml;
use switchboard_domain::web_address::WebUrl;
use tokio::time::Instant;

use super::agent_load::Outcome;
use super::fallback_chain::{FallbackChain, PlannedCall};
use super::progress::Progress;
use crate::connect_agent::Freshness;
use crate::voice_handlers::Asked;

/// An attempt that failed while Twilio waited for the answer.
pub(crate) struct FailedAttempt {
    pub(crate) record: AttemptRecord,
    /// When it failed.
    pub(crate) at: Timestamp,
    /// The number of destinations that had been tried.
    pub(crate) tried: u32,
    pub(crate) cause: FailureCause,
}

/// The handlers that were asked for one answer.
#[derive(Default)]
pub(super) struct AskedHandlers {
    /// When all of them have to be done; `None` before the first one is asked.
    until: Option<Instant>,
    pub(super) failed: Vec<FailedAttempt>,
    /// The progress after the last failure.
    pub(super) progress: Option<Progress>,
}

impl AskedHandlers {
    pub(super) fn is_out_of_time(&self) -> bool {
        self.until.is_some_and(|until| until <= Instant::now())
    }

    /// When the next attempt begins.
    pub(super) fn next_at(&self, now: Timestamp) -> Timestamp {
        self.failed.last().map_or(now, |failed| failed.at)
    }
}

impl FallbackChain {
    /// Asks the handler of an agent. If it does not answer, the attempt has failed, and the caller is still waiting.
    ///
    /// Nobody waits for the answer to a stale request, so no handler works for it.
    pub(super) async fn ask(
        &self,
        call: &PlannedCall<'_>,
        to: (&PlanAgent, &WebUrl, Timestamp),
        before: &Progress,
        asked: &mut AskedHandlers,
        freshness: Freshness,
    ) -> Option<Twiml> {
        match freshness {
            Freshness::Stale => Some(self.connect.no_agent(call.connecting.direction)),
            // Boxed, so that the future of other calls does not contain its state.
            Freshness::Fresh => Box::pin(self.ask_now(call, to, before, asked)).await,
        }
    }

    async fn ask_now(
        &self,
        call: &PlannedCall<'_>,
        (agent, url, chain_begun): (&PlanAgent, &WebUrl, Timestamp),
        before: &Progress,
        asked: &mut AskedHandlers,
    ) -> Option<Twiml> {
        let until = *asked.until.get_or_insert_with(|| self.handlers.until());
        let before = asked.progress.as_ref().unwrap_or(before);
        let progress = before.clone().with_agent(&agent.id).begun_at(chain_begun);
        let after = progress.query();
        let to = Asked::first(&agent.id, url, call.webhook.form(), &after);
        let answer = self.handlers.ask(call.webhook.traced(), to, until).await;
        let error = match answer {
            Ok(twiml) => return Some(twiml),
            Err(error) => error,
        };
        let began = asked.next_at(call.connecting.now);
        let at = self.handlers.after(began);
        self.agent_load.end_attempt(call.connecting.key(), &agent.id, Some(Outcome::Failed), at);
        asked.failed.push(FailedAttempt {
            record: AttemptRecord {
                at: began,
                destination: AttemptDestination::Agent(agent.id.clone()),
            },
            at,
            tried: progress.count(),
            cause: error.cause(),
        });
        asked.progress = Some(progress);
        None
    }
}
