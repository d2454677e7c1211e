//! Who takes a call or a message, told without the plan.

use std::sync::Arc;

use switchboard_domain::agent::Profile;
use switchboard_domain::identifier::AgentId;
use switchboard_domain::plan::{Action, Destination};

/// Who takes a call or a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DestinationSummary {
    /// An agent.
    Agent {
        /// Its key.
        id: AgentId,
        /// Its name and targets.
        profile: Arc<Profile>,
    },
    /// No agent, but this happens.
    Action(Action),
    /// Nobody.
    Nobody,
}

impl DestinationSummary {
    pub(super) fn of(destination: &Destination<'_>) -> Self {
        match destination {
            Destination::Agent(_, agent) => {
                Self::Agent { id: agent.id.clone(), profile: Arc::clone(&agent.profile) }
            }
            Destination::Action(_, action) => Self::Action((*action).clone()),
            Destination::Exhausted => Self::Nobody,
        }
    }

    /// The agent, if it is one.
    pub const fn agent(&self) -> Option<&AgentId> {
        match self {
            Self::Agent { id, .. } => Some(id),
            Self::Action(_) | Self::Nobody => None,
        }
    }
}
