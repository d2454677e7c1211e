//! Asking the handler of a number's own agent, which no fallback chain follows.

use switchboard_domain::call::{AttemptDestination, AttemptRecord};
use switchboard_domain::identifier::AgentId;
use switchboard_domain::plan::Skipped;
use switchboard_domain::twiml::Twiml;
use switchboard_domain::web_address::WebUrl;

use super::fallback_chain::FallbackChain;
use super::handler_attempts::FailedAttempt;
use super::progress::Progress;
use crate::connect_agent::Connecting;
use crate::route_cache::OwnAgent;
use crate::router::RoutedWebhook;
use crate::voice_handlers::Asked;

/// The handler did not answer, and no destination is left.
pub(crate) struct Unanswered {
    /// That no destination is left.
    pub(crate) exhausted: AttemptRecord,
    /// The attempt, if the handler was asked.
    pub(crate) failed: Option<FailedAttempt>,
    /// The agent, if its handler was not asked because it did not answer the calls before this one.
    pub(crate) skipped: Option<(AgentId, Skipped)>,
}

impl FallbackChain {
    /// Lets the handler of the number's own agent answer, as the attempt that follows `before`.
    pub(crate) async fn ask_own(
        &self,
        webhook: &RoutedWebhook<'_>,
        (own, url): (OwnAgent<'_>, &WebUrl),
        before: &Progress,
        connecting: Connecting<'_>,
    ) -> Result<Twiml, Box<Unanswered>> {
        let (key, now) = (connecting.key(), connecting.now);
        self.connect.prefetch(own.id, own.calls);
        let exhausted = |at| AttemptRecord { at, destination: AttemptDestination::Exhausted };
        if own.health.is_some_and(|health| !health.try_call(key, now)) {
            let skipped = Some((own.id.clone(), Skipped::Down));
            return Err(Box::new(Unanswered { exhausted: exhausted(now), failed: None, skipped }));
        }
        let progress = before.clone().with_agent(own.id);
        let after = progress.query();
        let asked = Asked::first(own.id, url, webhook.form(), &after);
        let answer = self.handlers.ask(webhook.traced(), asked, self.handlers.until()).await;
        if let Some(health) = own.health {
            health.asked(key, &answer);
        }
        answer.map_err(|error| {
            let at = self.handlers.after(now);
            let destination = AttemptDestination::Agent(own.id.clone());
            let failed = FailedAttempt {
                record: AttemptRecord { at: now, destination },
                at,
                tried: progress.count(),
                cause: error.cause(),
            };
            Box::new(Unanswered { exhausted: exhausted(at), failed: Some(failed), skipped: None })
        })
    }
}
