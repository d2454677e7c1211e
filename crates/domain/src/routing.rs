//! Routing: which agent answers a number. One decision function serves live webhooks, explanations and simulations.

use std::ops::Deref;
use std::sync::Arc;

use crate::address::Channel;
use crate::agent::{AgentState, MessageTarget, Profile, VoiceTarget};
use crate::authentication::Verified;
use crate::identifier::{AgentId, OrganizationId, PlanId};
use crate::number::Channels;
use crate::sender::Sender;
use crate::sid::AccountSid;
use crate::string_enum;

/// The stored route of a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The called number or sender.
    pub sender: Sender,
    /// The organization that owns it.
    pub organization: OrganizationId,
    /// The account that owns it.
    pub account: AccountSid,
    /// The assigned agent; `None` if the number is unassigned.
    pub assigned: Option<Assigned>,
    /// The routing plan that decides: the number's, else its account's, else its organization's.
    pub plan: Option<PlanId>,
}

/// The agent that is assigned to a number, and its channels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assigned {
    /// The agent that answers.
    pub agent: AgentId,
    /// Its targets and state.
    pub profile: Arc<Profile>,
    /// The channels on which it answers the number.
    pub channels: Channels,
}

string_enum! {
    /// The reason of a decision.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum Reason {
        /// The number is assigned to the agent.
        Assigned = "assigned",
        /// The number is unknown.
        UnknownNumber = "unknown_number",
        /// The number is assigned to no agent.
        Unassigned = "unassigned",
        /// The number is assigned, but not on this channel.
        ChannelOff = "channel_off",
        /// The agent is disabled.
        AgentDisabled = "agent_disabled",
        /// The agent has no voice target, and the installation has no voice server.
        NoVoiceTarget = "no_voice_target",
        /// The agent has no message target.
        NoMessageTarget = "no_message_target",
        /// A rule of the routing plan chose the agent.
        Planned = "planned",
        /// A rule of the routing plan chose an action instead of an agent.
        PlannedAction = "planned_action",
        /// No destination of the routing plan is available.
        NobodyAvailable = "nobody_available",
        /// The message is a keyword such as STOP, which no agent gets.
        Keyword = "keyword",
        /// The contact has opted out, so no agent gets the message.
        OptedOut = "opted_out",
        /// Two programs answer each other in the conversation, so the message is not answered.
        LoopStopped = "loop_stopped",
        /// The handler of the number's agent did not answer the call with `TwiML`.
        HandlerFailed = "handler_failed",
    }
}

impl Reason {
    /// What it means, for operators.
    pub const fn explanation(self) -> &'static str {
        match self {
            Self::Assigned => "the number is assigned to this agent",
            Self::UnknownNumber => "the destination number is unknown",
            Self::Unassigned => "the number is not assigned to an agent",
            Self::ChannelOff => "the agent does not answer this channel of the number",
            Self::AgentDisabled => "the agent is disabled",
            Self::NoVoiceTarget => {
                "the agent has no voice target, and there is no default voice server"
            }
            Self::NoMessageTarget => "the agent has no message target",
            Self::Planned => "a rule of the routing plan chose this agent",
            Self::PlannedAction => "a rule of the routing plan chose what happens",
            Self::NobodyAvailable => "no destination of the routing plan is available",
            Self::Keyword => "the message is an opt-out, opt-in or help keyword",
            Self::OptedOut => "the contact has opted out of messages",
            Self::LoopStopped => "two programs answer each other in the conversation",
            Self::HandlerFailed => "the handler of the agent did not answer with TwiML",
        }
    }
}

/// The result of routing: an agent with the target `T` that reaches it, or the reason why there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision<'a, T> {
    /// An agent answers.
    Agent {
        /// The agent.
        assigned: &'a Assigned,
        /// How the agent is reached.
        target: &'a T,
    },
    /// No agent answers.
    Nobody(Reason),
}

impl<T> Decision<'_, T> {
    /// The agent; `None` if none answers.
    pub fn agent(&self) -> Option<&AgentId> {
        match self {
            Self::Agent { assigned, .. } => Some(&assigned.agent),
            Self::Nobody(_) => None,
        }
    }

    /// The reason, [`Reason::Assigned`] for an agent.
    pub const fn reason(&self) -> Reason {
        match self {
            Self::Agent { .. } => Reason::Assigned,
            Self::Nobody(reason) => *reason,
        }
    }
}

/// A route with the decision about its calls made ahead, so that a call of a known number decides nothing anew.
///
/// What was decided is given out by [`Routed::own_agent`] only.
#[derive(Clone, Debug)]
pub struct PreparedRoute {
    route: Route,
    /// Why the number's own agent takes no calls; `None` if it does.
    unanswered: Option<Reason>,
}

impl PreparedRoute {
    /// Decides about the route's calls. `voice_server` is the installation's own, for agents without one.
    pub fn new(route: Route, voice_server: Option<&VoiceTarget>) -> Self {
        let unanswered = match decide_call(Some(&route), voice_server) {
            Decision::Agent { .. } => None,
            Decision::Nobody(reason) => Some(reason),
        };
        Self { route, unanswered }
    }

    /// The account that owns the number.
    pub const fn account(&self) -> AccountSid {
        self.route.account
    }

    /// The organization that owns the number.
    pub const fn organization(&self) -> &OrganizationId {
        &self.route.organization
    }
}

impl AsRef<Self> for PreparedRoute {
    fn as_ref(&self) -> &Self {
        self
    }
}

/// Marks a question that an operator asks, with no request behind it.
#[derive(Clone, Copy, Debug)]
pub struct ByOperator;

/// A request about a number that its account owns, or about a number that is unknown. Every decision is a method of it.
///
/// For a webhook, only [`Verified::route`] makes one, so nothing is decided about an unverified request or for a number
/// of another account. `R` is how the caller holds the route: a reference or an `Arc`.
///
/// A use case cannot make one up:
///
/// ```compile_fail,E0451
/// use switchboard_domain::authentication::Verified;
/// use switchboard_domain::routing::{PreparedRoute, Routed};
///
/// fn answer(verified: Verified, route: &PreparedRoute) -> bool {
///     Routed { verified, route: Some(route) }.own_agent().is_ok()
/// }
/// ```
///
/// It has to route a verified request:
///
/// ```
/// use switchboard_domain::authentication::Verified;
/// use switchboard_domain::rejection::Refusal;
/// use switchboard_domain::routing::PreparedRoute;
///
/// fn answer(verified: Verified, route: &PreparedRoute) -> Result<bool, Refusal> {
///     Ok(verified.route(Some(route))?.own_agent().is_ok())
/// }
/// ```
///
/// It cannot read a route's decision without one:
///
/// ```compile_fail,E0616
/// use switchboard_domain::routing::PreparedRoute;
///
/// fn answer(route: &PreparedRoute) -> bool {
///     route.unanswered.is_none()
/// }
/// ```
///
/// Nor can it let a plan decide:
///
/// ```compile_fail,E0624
/// use switchboard_domain::plan::{Plan, Situation};
///
/// fn rule(plan: &Plan, situation: &Situation<'_>) -> Option<usize> {
///     plan.choose(situation).rule
/// }
/// ```
///
/// ```
/// use switchboard_domain::plan::{Plan, Situation};
/// use switchboard_domain::routing::{PreparedRoute, Routed};
///
/// fn rule(routed: &Routed<&PreparedRoute>, plan: &Plan, situation: &Situation<'_>) -> Option<usize> {
///     routed.choose(plan, situation).rule
/// }
/// ```
///
/// And what an operator asks is no request:
///
/// ```compile_fail,E0308
/// use switchboard_domain::routing::{PreparedRoute, Routed};
///
/// fn answer(_request: Routed<&PreparedRoute>) {}
///
/// answer(Routed::for_explanation(None));
/// ```
#[derive(Clone, Debug)]
#[must_use = "a request is routed to decide about it"]
pub struct Routed<R, V = Verified> {
    verified: V,
    route: Option<R>,
}

impl<'a> Routed<&'a PreparedRoute, ByOperator> {
    /// For explanations, simulations and replays that an operator asks for. No webhook comes this way.
    pub const fn for_explanation(route: Option<&'a PreparedRoute>) -> Self {
        Self { verified: ByOperator, route }
    }
}

impl<R> Routed<R> {
    pub(crate) const fn new(verified: Verified, route: Option<R>) -> Self {
        Self { verified, route }
    }

    /// The request that was routed.
    pub const fn verified(&self) -> &Verified {
        &self.verified
    }
}

impl<R, V> Routed<R, V>
where
    R: Deref<Target: AsRef<PreparedRoute>>,
{
    /// The route as the caller holds it; `None` if the number is unknown.
    pub const fn held(&self) -> Option<&R> {
        self.route.as_ref()
    }

    /// The agent that takes the number's calls where no plan decides, or why none does. It was decided when the route was
    /// read.
    pub fn own_agent(&self) -> Result<&Assigned, Reason> {
        let prepared = self.prepared().ok_or(Reason::UnknownNumber)?;
        match prepared.unanswered {
            Some(reason) => Err(reason),
            None => prepared.route.assigned.as_ref().ok_or(Reason::Unassigned),
        }
    }

    /// Decides which agent takes a call, and by which target. `voice_server` is the installation's own, for agents
    /// without one.
    pub fn decide_call<'a>(
        &'a self,
        voice_server: Option<&'a VoiceTarget>,
    ) -> Decision<'a, VoiceTarget> {
        decide_call(self.route(), voice_server)
    }

    /// Decides which agent takes a message that came by `channel`, and by which target.
    pub fn decide_message(&self, channel: Channel) -> Decision<'_, MessageTarget> {
        decide(self.route(), channel, Reason::NoMessageTarget, |profile| {
            profile.message_target.as_ref()
        })
    }

    fn route(&self) -> Option<&Route> {
        self.prepared().map(|prepared| &prepared.route)
    }

    fn prepared(&self) -> Option<&PreparedRoute> {
        self.route.as_ref().map(|held| (**held).as_ref())
    }
}

fn decide_call<'a>(
    route: Option<&'a Route>,
    voice_server: Option<&'a VoiceTarget>,
) -> Decision<'a, VoiceTarget> {
    decide(route, Channel::Voice, Reason::NoVoiceTarget, |profile| {
        profile.voice_target.as_ref().or(voice_server)
    })
}

fn decide<'a, T>(
    route: Option<&'a Route>,
    channel: Channel,
    without_target: Reason,
    target: impl FnOnce(&'a Profile) -> Option<&'a T>,
) -> Decision<'a, T> {
    let Some(route) = route else {
        return Decision::Nobody(Reason::UnknownNumber);
    };
    let Some(assigned) = &route.assigned else {
        return Decision::Nobody(Reason::Unassigned);
    };
    if !assigned.channels.contains(channel) {
        return Decision::Nobody(Reason::ChannelOff);
    }
    if assigned.profile.state == AgentState::Disabled {
        return Decision::Nobody(Reason::AgentDisabled);
    }
    match target(&assigned.profile) {
        Some(target) => Decision::Agent { assigned, target },
        None => Decision::Nobody(without_target),
    }
}

#[cfg(test)]
mod tests;
