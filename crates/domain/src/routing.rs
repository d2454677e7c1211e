//! Who answers. One decision serves the live webhook, the explanation and the simulation.

use std::sync::Arc;

use crate::address::Channel;
use crate::agent::{AgentState, MessageTarget, Profile, VoiceTarget};
use crate::identifier::{AgentId, OrganizationId, PlanId};
use crate::number::Channels;
use crate::phone_number::PhoneNumber;
use crate::sid::AccountSid;
use crate::string_enum;

/// What is known of a number that was called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The number.
    pub phone_number: PhoneNumber,
    /// The tenant that owns it.
    pub organization: OrganizationId,
    /// The account that owns it.
    pub account: AccountSid,
    /// Who answers it, if anybody.
    pub assigned: Option<Assigned>,
    /// The routing plan that decides for it, the nearest one: the number's, its account's, its organization's.
    pub plan: Option<PlanId>,
}

/// An agent that answers a number, and on which channels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assigned {
    /// The agent.
    pub agent: AgentId,
    /// What routing needs to know of it.
    pub profile: Arc<Profile>,
    /// The channels of the number that it answers.
    pub channels: Channels,
}

string_enum! {
    /// Why a decision came out as it did.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum Reason {
        /// The number is assigned to the agent.
        Assigned = "assigned",
        /// The number is none of ours.
        UnknownNumber = "unknown_number",
        /// The number is ours, but nobody answers it.
        Unassigned = "unassigned",
        /// Somebody answers the number, but not on this channel.
        ChannelOff = "channel_off",
        /// The agent is disabled.
        AgentDisabled = "agent_disabled",
        /// The agent has no voice target, and the installation has no voice server.
        NoVoiceTarget = "no_voice_target",
        /// The agent has no message target.
        NoMessageTarget = "no_message_target",
        /// A rule of the routing plan chose the agent.
        Planned = "planned",
        /// A rule of the routing plan chose something else than an agent.
        PlannedAction = "planned_action",
        /// Nobody whom the routing plan names is available.
        NobodyAvailable = "nobody_available",
    }
}

impl Reason {
    /// What it means and what to do about it, for operators.
    pub const fn explanation(self) -> &'static str {
        match self {
            Self::Assigned => "the number is assigned to this agent",
            Self::UnknownNumber => {
                "the number is not known here; add it with `switchboard number add`"
            }
            Self::Unassigned => {
                "nobody answers the number; assign it with `switchboard number assign`"
            }
            Self::ChannelOff => {
                "the agent does not answer this channel of the number; name it in `switchboard number assign --channels`"
            }
            Self::AgentDisabled => {
                "the agent is disabled; enable it with `switchboard agent set --enable`"
            }
            Self::NoVoiceTarget => {
                "the agent has no voice target and VOICE_SERVER_URL is not set; give it one with `switchboard agent set --stream-url`"
            }
            Self::NoMessageTarget => {
                "the agent has no message target; give it one with `switchboard agent set --reply`"
            }
            Self::Planned => "a rule of the routing plan chose this agent",
            Self::PlannedAction => "a rule of the routing plan chose what happens",
            Self::NobodyAvailable => {
                "nobody whom the routing plan names is available; see `switchboard route explain`"
            }
        }
    }
}

/// The result of routing: an agent with the target `T` that reaches it, or nobody, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision<'a, T> {
    /// This agent answers.
    Agent {
        /// Who.
        assigned: &'a Assigned,
        /// How it is reached.
        target: &'a T,
    },
    /// Nobody answers.
    Nobody(Reason),
}

impl<T> Decision<'_, T> {
    /// Who answers, if anybody.
    pub fn agent(&self) -> Option<&AgentId> {
        match self {
            Self::Agent { assigned, .. } => Some(&assigned.agent),
            Self::Nobody(_) => None,
        }
    }

    /// Why.
    pub const fn reason(&self) -> Reason {
        match self {
            Self::Agent { .. } => Reason::Assigned,
            Self::Nobody(reason) => *reason,
        }
    }
}

/// A route whose account is that of the request, or an unknown number. Only [`crate::authentication`] makes
/// one for a webhook, so that nothing is decided for a number of another account.
#[derive(Clone, Copy, Debug)]
pub struct Bound<'a>(pub(crate) Option<&'a Route>);

impl<'a> Bound<'a> {
    /// For what no webhook carries: an explanation that an operator asks for, and a route that is read into memory.
    pub const fn without_request(route: Option<&'a Route>) -> Self {
        Self(route)
    }

    /// The route, if the number is known.
    pub const fn route(self) -> Option<&'a Route> {
        self.0
    }
}

/// Decides who takes a call. `voice_server` is the installation's own, for agents without one.
pub fn decide_call<'a>(
    bound: Bound<'a>,
    voice_server: Option<&'a VoiceTarget>,
) -> Decision<'a, VoiceTarget> {
    decide(bound, Channel::Voice, Reason::NoVoiceTarget, |profile| {
        profile.voice_target.as_ref().or(voice_server)
    })
}

/// Decides who takes a message that came by `channel`.
pub fn decide_message(bound: Bound<'_>, channel: Channel) -> Decision<'_, MessageTarget> {
    decide(bound, channel, Reason::NoMessageTarget, |profile| profile.message_target.as_ref())
}

fn decide<'a, T>(
    bound: Bound<'a>,
    channel: Channel,
    without_target: Reason,
    target: impl FnOnce(&'a Profile) -> Option<&'a T>,
) -> Decision<'a, T> {
    let Some(route) = bound.0 else {
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
