//! Who takes a call or a message, told without the plan.

use std::sync::Arc;

use switchboard_domain::agent::Profile;
use switchboard_domain::identifier::AgentId;
use switchboard_domain::plan::{Action, Rung};

/// Who takes a call or a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taker {
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

impl Taker {
    pub(super) fn of(rung: &Rung<'_>) -> Self {
        match rung {
            Rung::Agent(_, agent) => {
                Self::Agent { id: agent.id.clone(), profile: Arc::clone(&agent.profile) }
            }
            Rung::Action(_, action) => Self::Action((*action).clone()),
            Rung::Nobody => Self::Nobody,
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
