//! Explains which agent or action a call or message would reach, and why.

use std::sync::Arc;

use switchboard_domain::address::{Address, Channel};
use switchboard_domain::agent::{Label, MessageTarget, Profile, VoiceTarget};
use switchboard_domain::call::{CallDirection, CallRecord, InboundCall};
use switchboard_domain::identifier::{AgentId, PlanId};
use switchboard_domain::message::InboundMessage;
use switchboard_domain::organization::Scope;
use switchboard_domain::plan::{CallerFacts, PlanProblem, Situation};
use switchboard_domain::ports::{RouteStore, StoreError};
use switchboard_domain::routing::{Decision, PreparedRoute, Reason, Route, Routed};
use switchboard_domain::sender::Sender;
use switchboard_domain::sid::EventSid;
use switchboard_domain::time::Timestamp;

use crate::routing_plans::{DestinationSummary, ExplainPlan, PlanExplanation, Reachable};
use switchboard_application::UnreadablePlan;

/// The target of the agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The voice target for a call.
    Voice(VoiceTarget),
    /// The message target for a message.
    Message(MessageTarget),
}

/// The assumed circumstances of a call or message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Circumstances {
    /// The time of the decision.
    pub at: Timestamp,
    /// The location and the attestation of the caller.
    pub facts: CallerFacts,
    /// Whether the current calls of agents count toward their limits.
    pub counts_calls: bool,
}

/// The decision for a call or message, with its reasons.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The stored number, if there is one.
    pub route: Option<Route>,
    /// The target of the agent, or `None` without an agent.
    pub target: Option<Target>,
    /// The reason for the decision.
    pub reason: Reason,
    /// The decision of the routing plan, if there is one.
    pub plan: Option<PlanExplanation>,
    /// The problems of an invalid routing plan. The number's own agent answers in its place.
    pub problems: Vec<PlanProblem>,
}

impl Explanation {
    /// The chosen agent, even if it cannot be reached.
    pub fn agent(&self) -> Option<(&AgentId, &Label)> {
        if let Some(plan) = &self.plan {
            return match plan.fallback_chain.first() {
                Some(DestinationSummary::Agent { id, profile }) => Some((id, &profile.name)),
                _ => None,
            };
        }
        let assigned = self.route.as_ref()?.assigned.as_ref()?;
        Some((&assigned.agent, &assigned.profile.name))
    }
}

/// Explains routes with the same decision function that answers webhooks.
pub struct ExplainRoute {
    /// Finds routes.
    pub routes: Arc<dyn RouteStore>,
    /// Explains the decisions of plans.
    pub plans: ExplainPlan,
    /// The default voice server, for agents without a voice target.
    pub voice_server: Option<VoiceTarget>,
}

impl ExplainRoute {
    /// Repeats the decision about a recorded call: at its time, with what Twilio reported about the
    /// caller, and by the version of the routing plan that decided. The current agents, calendars
    /// and lists are used. `None` if no decision is recorded.
    pub async fn recorded_call(
        &self,
        scope: &Scope,
        record: &CallRecord,
    ) -> Result<Option<Explanation>, StoreError> {
        let (Some(decision), Some(from), Some(to)) = (&record.decision, &record.from, &record.to)
        else {
            return Ok(None);
        };
        if [from, to].contains(&&Address::Erased) {
            return Ok(None);
        }
        // For an outbound call, our number is the caller.
        let is_outbound = self.route(scope, called(Some(to))).await?.is_none()
            && self.route(scope, called(Some(from))).await?.is_some();
        let direction =
            if is_outbound { CallDirection::OutboundApi } else { CallDirection::Inbound };
        let call = InboundCall { call: record.call, from: from.clone(), to: to.clone(), direction };
        let decided = match &decision.rule {
            Some(rule) => DecidedBy::Version(rule.plan.clone(), rule.version),
            None => DecidedBy::Agent,
        };
        let circumstances = Circumstances {
            at: decision.at,
            facts: record.facts.clone().unwrap_or_default(),
            counts_calls: false,
        };
        self.explain_call(scope, &call, &circumstances, &decided).await.map(Some)
    }

    /// Explains a call.
    pub async fn call(
        &self,
        scope: &Scope,
        call: &InboundCall,
        circumstances: &Circumstances,
    ) -> Result<Explanation, StoreError> {
        self.explain_call(scope, call, circumstances, &DecidedBy::Route).await
    }

    async fn explain_call(
        &self,
        scope: &Scope,
        call: &InboundCall,
        circumstances: &Circumstances,
        decided: &DecidedBy,
    ) -> Result<Explanation, StoreError> {
        let own_address = call.own_address();
        let route = self.route(scope, called(own_address)).await?;
        let asked =
            Asked { channel: Channel::Voice, from: &call.from, event: EventSid::Call(call.call) };
        let (plan, problems) = self.plan(route.as_ref(), decided, &asked, circumstances).await?;
        if let Some(plan) = plan {
            return Ok(by_plan(route, plan, |profile| {
                let target = profile.voice_target.as_ref().or(self.voice_server.as_ref());
                target.cloned().map(Target::Voice)
            }));
        }
        let voice_server = self.voice_server.as_ref();
        let prepared = route.clone().map(|route| PreparedRoute::new(route, voice_server));
        let routed = Routed::for_explanation(prepared.as_ref());
        let decision = routed.decide_call(voice_server);
        let (target, reason) = target_and_reason(&decision, Target::Voice);
        Ok(Explanation { route, target, reason, plan: None, problems })
    }

    /// Explains a message.
    pub async fn message(
        &self,
        scope: &Scope,
        message: &InboundMessage,
        circumstances: &Circumstances,
    ) -> Result<Explanation, StoreError> {
        let route = self.route(scope, Sender::of(&message.to)).await?;
        let channel = message.channel();
        let asked =
            Asked { channel, from: &message.from, event: EventSid::Message(message.message) };
        let decided = &DecidedBy::Route;
        let (plan, problems) = self.plan(route.as_ref(), decided, &asked, circumstances).await?;
        if let Some(plan) = plan {
            return Ok(by_plan(route, plan, |profile| {
                profile.message_target.clone().map(Target::Message)
            }));
        }
        let voice_server = self.voice_server.as_ref();
        let prepared = route.clone().map(|route| PreparedRoute::new(route, voice_server));
        let routed = Routed::for_explanation(prepared.as_ref());
        let decision = routed.decide_message(channel);
        let (target, reason) = target_and_reason(&decision, Target::Message);
        Ok(Explanation { route, target, reason, plan: None, problems })
    }

    /// The decision of the nearest plan, or its problems. Both are absent without a plan.
    async fn plan(
        &self,
        route: Option<&Route>,
        decided: &DecidedBy,
        asked: &Asked<'_>,
        circumstances: &Circumstances,
    ) -> Result<(Option<PlanExplanation>, Vec<PlanProblem>), StoreError> {
        let plan = match decided {
            DecidedBy::Route => {
                route.and_then(|route| route.plan.as_ref()).map(|plan| (plan, None))
            }
            DecidedBy::Version(plan, version) => Some((plan, Some(*version))),
            DecidedBy::Agent => None,
        };
        let (Some(route), Some(plan)) = (route, plan) else {
            return Ok((None, Vec::new()));
        };
        let situation = Situation {
            channel: asked.channel,
            called: route.sender,
            caller: circumstances.facts.caller(asked.from),
            event: asked.event,
            at: circumstances.at,
        };
        let mut reachable =
            Reachable { has_voice_server: self.voice_server.is_some(), ..Reachable::default() };
        if circumstances.counts_calls {
            reachable.calls = self.plans.calls(circumstances.at, asked.event).await?;
        }
        match self.plans.explain(plan, route, &situation, &reachable).await {
            Ok(plan) => Ok((plan, Vec::new())),
            Err(UnreadablePlan::Wrong { problems }) => Ok((None, problems)),
            Err(UnreadablePlan::Store(error)) => Err(error),
        }
    }

    async fn route(
        &self,
        scope: &Scope,
        sender: Option<Sender>,
    ) -> Result<Option<Route>, StoreError> {
        let Some(sender) = sender else {
            return Ok(None);
        };
        let route = self.routes.route(sender).await?;
        Ok(route.filter(|route| scope.covers(&route.organization)))
    }
}

/// The number that answers calls to an address, whatever its channel.
fn called(address: Option<&Address>) -> Option<Sender> {
    address.and_then(Address::phone_number).map(Sender::from)
}

/// What decides a call or message.
enum DecidedBy {
    /// The plan of the number's route, or its own agent.
    Route,
    /// This version of a plan.
    Version(PlanId, u32),
    /// The number's own agent, even if a plan has been attached since then.
    Agent,
}

/// A call or a message.
struct Asked<'a> {
    channel: Channel,
    from: &'a Address,
    event: EventSid,
}

fn by_plan(
    route: Option<Route>,
    plan: PlanExplanation,
    target: impl FnOnce(&Profile) -> Option<Target>,
) -> Explanation {
    let (target, reason) = match plan.fallback_chain.first() {
        Some(DestinationSummary::Agent { profile, .. }) => (target(profile), Reason::Planned),
        Some(DestinationSummary::Action(_)) => (None, Reason::PlannedAction),
        Some(DestinationSummary::Nobody) | None => (None, Reason::NobodyAvailable),
    };
    Explanation { route, target, reason, plan: Some(plan), problems: Vec::new() }
}

fn target_and_reason<T: Clone>(
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
