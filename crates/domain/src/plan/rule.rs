//! A plan as somebody wrote it.

use std::time::Duration;

use super::action::Action;
use super::audience::{Attestation, Audience, Share};
use super::schedule::ScheduleSpec;
use super::zone::Zone;
use crate::address::Channel;
use crate::agent::Label;
use crate::phone_number::PhoneNumber;
use crate::ports::CatalogueNames;
use crate::string_enum;
use crate::web_address::WebUrl;

/// A plan as somebody wrote it, parsed but not yet held against the agents, calendars and lists that there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanSpec {
    /// What people call it.
    pub name: Option<Label>,
    /// Whose clocks count where a schedule does not say.
    pub zone: Option<Zone>,
    /// The rules, in the order in which they are tried.
    pub rules: Vec<RuleSpec>,
    /// What happens where no rule matches.
    pub otherwise: ThenSpec,
}

impl PlanSpec {
    /// Everything that it names, each once.
    pub fn names(&self) -> CatalogueNames {
        let mut names = CatalogueNames::default();
        for rule in &self.rules {
            names.lists.extend_from_slice(&rule.when.caller.lists);
            if let Some(schedule) = &rule.when.schedule {
                names.calendars.extend(schedule.calendars().cloned());
            }
            names.agents.extend(rule.then.agents.iter().map(|share| share.agent.clone()));
        }
        names.agents.extend(self.otherwise.agents.iter().map(|share| share.agent.clone()));
        for of_kind in [&mut names.agents, &mut names.calendars, &mut names.lists] {
            of_kind.sort_unstable();
            of_kind.dedup();
        }
        names
    }
}

/// A rule: when all of it holds, then this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleSpec {
    /// What people call it.
    pub name: Option<Label>,
    /// When.
    pub when: WhenSpec,
    /// Then.
    pub then: ThenSpec,
}

/// Conditions; all that are given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WhenSpec {
    /// By one of these channels.
    pub channels: Option<Vec<Channel>>,
    /// At such a time.
    pub schedule: Option<ScheduleSpec>,
    /// From such a caller.
    pub caller: Audience,
    /// Vouched for at least so far.
    pub attestation: Option<Attestation>,
    /// To one of these numbers, where the plan serves several.
    pub called: Option<Vec<PhoneNumber>>,
    /// For this part of all callers, always the same ones.
    pub share: Option<Share>,
}

/// Who takes it: agents by a strategy, and where none does these actions, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ThenSpec {
    /// The agents.
    pub agents: Vec<AgentShare>,
    /// How one of them is chosen.
    pub strategy: Strategy,
    /// Who may choose among the agents, before the strategy does.
    pub ask: Option<AskOutside>,
    /// What follows where no agent takes it.
    pub next: Vec<Action>,
}

/// An agent and its weight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentShare {
    /// The agent's id, external id or name.
    pub agent: Label,
    /// How many of the callers it gets, beside the others' weights.
    pub weight: u32,
}

string_enum! {
    /// How one of several agents is chosen.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub enum Strategy {
        /// By weight, and always the same one for the same caller.
        #[default]
        Weighted = "weighted",
        /// The first that is available.
        Priority = "priority",
        /// The one with the fewest calls, beside its capacity.
        LeastBusy = "least_busy",
    }
}

/// A decision service of the operator's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskOutside {
    /// Where it is.
    pub url: WebUrl,
    /// How long it is waited for; then the strategy decides.
    pub timeout: Duration,
}
