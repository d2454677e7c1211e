//! Parsed plans, before compilation.

use std::time::Duration;

use super::action::Action;
use super::audience::{Attestation, Audience, Share};
use super::schedule::ScheduleSpec;
use super::zone::Zone;
use crate::address::Channel;
use crate::agent::Label;
use crate::phone_number::PhoneNumber;
use crate::string_enum;
use crate::web_address::WebUrl;

/// A parsed plan, not yet checked against the stored agents, calendars and lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanSpec {
    /// The name; `None` if the document has none.
    pub name: Option<Label>,
    /// The time zone of schedules without one.
    pub zone: Option<Zone>,
    /// The rules, in the order in which they are tried.
    pub rules: Vec<RuleSpec>,
    /// What happens if no rule matches.
    pub otherwise: ThenSpec,
}

/// A rule of a parsed plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleSpec {
    /// The name; `None` if the document has none.
    pub name: Option<Label>,
    /// The conditions.
    pub when: WhenSpec,
    /// What happens if the rule matches.
    pub then: ThenSpec,
}

/// Conditions. All that are given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WhenSpec {
    /// The call or message arrives on one of these channels.
    pub channels: Option<Vec<Channel>>,
    /// The schedule is open.
    pub schedule: Option<ScheduleSpec>,
    /// The caller matches.
    pub caller: Audience,
    /// The caller's carrier attests at least this.
    pub attestation: Option<Attestation>,
    /// The called number is one of these.
    pub called: Option<Vec<PhoneNumber>>,
    /// The caller belongs to this share of callers.
    pub share: Option<Share>,
}

/// A parsed fallback chain: agents, then actions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ThenSpec {
    /// The agents to choose from.
    pub agents: Vec<AgentShare>,
    /// How an agent is chosen.
    pub strategy: Strategy,
    /// The decision service that may choose an agent before the strategy does.
    pub ask: Option<AskOutside>,
    /// What happens if no agent answers.
    pub next: Vec<Action>,
}

/// An agent and its weight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentShare {
    /// The agent's id, external id or name.
    pub agent: Label,
    /// The agent's share of the callers, relative to the weights of the others.
    pub weight: u32,
}

string_enum! {
    /// How one of several agents is chosen.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub enum Strategy {
        /// By weight. The same caller always reaches the same agent.
        #[default]
        Weighted = "weighted",
        /// The first agent that is available.
        Priority = "priority",
        /// The agent with the fewest calls, relative to its capacity.
        LeastBusy = "least_busy",
    }
}

/// A decision service of the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskOutside {
    /// The URL of the service.
    pub url: WebUrl,
    /// The longest wait for an answer. After it, the strategy decides.
    pub timeout: Duration,
}
