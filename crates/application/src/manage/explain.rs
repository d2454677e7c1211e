//! A route is explained: who would answer, and why.

use std::sync::Arc;

use switchboard_domain::address::Address;
use switchboard_domain::agent::{MessageTarget, VoiceTarget};
use switchboard_domain::call::InboundCall;
use switchboard_domain::message::InboundMessage;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{RouteStore, StoreError};
use switchboard_domain::routing::{Bound, Decision, Reason, Route, decide_call, decide_message};

/// How the agent would be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// For a call.
    Voice(VoiceTarget),
    /// For a message.
    Message(MessageTarget),
}

/// What would be decided, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// What is known of the number, if it is ours.
    pub route: Option<Route>,
    /// How its agent would be reached; none where nobody answers.
    pub target: Option<Target>,
    /// Why.
    pub reason: Reason,
}

/// Explains routes, by the same decision that answers webhooks.
pub struct ExplainRoute {
    /// Where routes are found.
    pub routes: Arc<dyn RouteStore>,
    /// The installation's own voice server, for agents without one.
    pub voice_server: Option<VoiceTarget>,
}

impl ExplainRoute {
    /// Who would take a call.
    pub async fn call(&self, scope: &Scope, call: &InboundCall) -> Result<Explanation, StoreError> {
        let route = self.route(scope, call.own_side()).await?;
        let decision =
            decide_call(Bound::for_explanation(route.as_ref()), self.voice_server.as_ref());
        let (target, reason) = told(&decision, Target::Voice);
        Ok(Explanation { route, target, reason })
    }

    /// Who would take a message.
    pub async fn message(
        &self,
        scope: &Scope,
        message: &InboundMessage,
    ) -> Result<Explanation, StoreError> {
        let route = self.route(scope, Some(&message.to)).await?;
        let decision = decide_message(Bound::for_explanation(route.as_ref()), message.channel());
        let (target, reason) = told(&decision, Target::Message);
        Ok(Explanation { route, target, reason })
    }

    async fn route(
        &self,
        scope: &Scope,
        address: Option<&Address>,
    ) -> Result<Option<Route>, StoreError> {
        let Some(number) = address.and_then(Address::phone_number) else {
            return Ok(None);
        };
        let route = self.routes.route(number).await?;
        Ok(route.filter(|route| scope.covers(&route.organization)))
    }
}

fn told<T: Clone>(
    decision: &Decision<'_, T>,
    kind: impl Fn(T) -> Target,
) -> (Option<Target>, Reason) {
    let target = match decision {
        Decision::Agent { target, .. } => Some(kind((*target).clone())),
        Decision::Nobody(_) => None,
    };
    (target, decision.reason())
}

#[cfg(test)]
mod tests;
