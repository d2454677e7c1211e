//! Routes verified webhooks to the number that they are about.

use std::sync::Arc;

use switchboard_domain::address::Channel;
use switchboard_domain::agent::MessageTarget;
use switchboard_domain::authentication::{Verified, VerifiedBy};
use switchboard_domain::form::Form;
use switchboard_domain::plan::{Choice, Situation};
use switchboard_domain::ports::{Retry, StoreError};
use switchboard_domain::rejection::Refusal;
use switchboard_domain::routing::{Decision, Reason, Routed};
use switchboard_domain::sender::Sender;
use switchboard_domain::sid::AccountSid;
use tracing::{Instrument, Span};

use crate::authenticate::Authenticator;
use crate::error::{WebhookError, WebhookFailure};
use crate::plan_runtime::{AgentLoadTracker, CompiledPlan};
use crate::recorder::RecentDecisions;
use crate::route_cache::{KnownRoute, OwnAgent, RouteCache};
use crate::verified_webhook::{RequestContext, VerifiedWebhook};

/// What happens to a request whose number is not in memory while the store is unavailable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnOutage {
    /// The request fails, so that Twilio tries the fallback URL.
    Fail,
    /// The number counts as unknown. This is for events that only add to records of the verified
    /// account.
    AssumeUnknown,
}

/// Routes verified webhooks. Every decision requires a routed webhook.
pub struct Router {
    authenticator: Arc<Authenticator>,
    routes: Arc<RouteCache>,
}

impl Router {
    /// Creates a router. `authenticator` counts requests for numbers of other accounts.
    pub const fn new(authenticator: Arc<Authenticator>, routes: Arc<RouteCache>) -> Self {
        Self { authenticator, routes }
    }

    /// Returns the load of the agents that the routes lead to.
    pub(crate) fn agent_load(&self) -> &AgentLoadTracker {
        self.routes.agent_load()
    }

    /// Routes a request to `number`, our side of the call or message; `None` if it is not known
    /// which side is ours. Refuses a number of another account. A number of another organization
    /// counts as unknown.
    pub(crate) async fn route<'a>(
        &self,
        webhook: VerifiedWebhook<'a>,
        number: Option<Sender>,
        on_outage: OnOutage,
    ) -> Result<RoutedWebhook<'a>, WebhookFailure> {
        let VerifiedWebhook { verified, context } = webhook;
        let account = verified.account();
        let known = match number {
            None => None,
            Some(number) => {
                if let Some(known) = self.routes.cached(number, account) {
                    Some(known)
                } else {
                    // Boxed, so that the future of a cached answer does not contain the state of a
                    // lookup.
                    let lookup = Box::pin(self.routes.look_up(number, account));
                    let found = lookup.instrument(context.span().clone()).await;
                    assume(found, on_outage).map_err(|error| context.failure(error))?
                }
            }
        };
        let before = verified.verified_by();
        let is_known = known.is_some();
        match verified.route(known) {
            Ok(routed) => {
                // What did not verify was counted when it was checked.
                if is_known && routed.held().is_none() && before.is_token() {
                    self.note_foreign(&context, account);
                }
                let after = routed.verified().verified_by();
                if let (VerifiedBy::Reported(refusal), true) = (after, after != before) {
                    self.authenticator.note(context.endpoint, refusal, account, context.request);
                }
                Ok(RoutedWebhook { routed, context })
            }
            Err(refusal) => {
                if before.is_token() {
                    self.authenticator.note(context.endpoint, refusal, account, context.request);
                }
                Err(context.failure(WebhookError::Refused(refusal)))
            }
        }
    }
}

impl Router {
    /// Counts a request for a number of another organization, which is answered like a request for
    /// an unknown number.
    #[cold]
    fn note_foreign(&self, context: &RequestContext<'_>, account: AccountSid) {
        let refusal = Refusal::AccountMismatch;
        let endpoint = context.endpoint.as_str();
        metrics::counter!("switchboard_refusals_total", "endpoint" => endpoint, "reason" => refusal.as_str()).increment(1);
        self.authenticator.note(context.endpoint, refusal, account, context.request);
    }
}

fn assume(
    found: Result<Option<Arc<KnownRoute>>, StoreError>,
    on_outage: OnOutage,
) -> Result<Option<Arc<KnownRoute>>, StoreError> {
    match (found, on_outage) {
        (Err(error), OnOutage::AssumeUnknown) if error.retry() == Retry::Later => Ok(None),
        (found, _) => found,
    }
}

/// A webhook for a number that its account owns, or for an unknown number. Every decision is a
/// method of it.
pub(crate) struct RoutedWebhook<'a> {
    routed: Routed<Arc<KnownRoute>>,
    pub(crate) context: RequestContext<'a>,
}

impl RoutedWebhook<'_> {
    pub(crate) const fn verified(&self) -> &Verified {
        self.routed.verified()
    }

    /// The verified request, and the span of its log lines.
    pub(crate) fn traced(&self) -> (&Verified, &Span) {
        (self.verified(), self.context.span())
    }

    pub(crate) const fn form(&self) -> &Form {
        &self.context.form
    }

    /// Returns the plan that decides for the number, if there is one.
    pub(crate) fn plan(&self) -> Option<&CompiledPlan> {
        self.routed.held().and_then(|known| known.plan())
    }

    /// Lets the plan decide.
    pub(crate) fn choose<'p>(
        &self,
        plan: &'p CompiledPlan,
        situation: &Situation<'_>,
    ) -> Choice<'p> {
        self.routed.choose(&plan.plan, situation)
    }

    /// Returns the prepared answer of the number's own agent, or the reason why the agent takes no
    /// calls.
    pub(crate) fn own_agent(&self) -> Result<OwnAgent<'_>, Reason> {
        let assigned = self.routed.own_agent()?;
        let known = self.routed.held().ok_or(Reason::UnknownNumber)?;
        Ok(known.answer_of(&assigned.agent))
    }

    /// The message target of the number's own agent.
    pub(crate) fn decide_message(&self, channel: Channel) -> Decision<'_, MessageTarget> {
        self.routed.decide_message(channel)
    }

    /// What was recently decided for calls of the number.
    pub(crate) fn recent_decisions(&self) -> Option<&RecentDecisions> {
        self.routed.held().map(|known| known.recent_decisions())
    }
}
