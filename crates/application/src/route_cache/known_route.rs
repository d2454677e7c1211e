//! A known number with its answer prepared.

use std::sync::Arc;

use switchboard_domain::identifier::AgentId;
use switchboard_domain::routing::PreparedRoute;
use switchboard_domain::sender::Sender;

use super::invalidation::{Generation, Invalidation, Slot};
use crate::plan_runtime::{CompiledPlan, HandlerHealth};
use crate::prepared_answer::{FirstCall, PreparedVoice};
use crate::recorder::RecentDecisions;

/// A known number. Only [`Routed`](switchboard_domain::routing::Routed) returns the decision about
/// it.
pub(crate) struct KnownRoute {
    /// The sender that was asked for; the route may be that of its number.
    pub(super) asked: Sender,
    pub(super) route: PreparedRoute,
    pub(super) answer: Answer,
    pub(super) recent_decisions: RecentDecisions,
    /// The plan that decides; `None` if there is none, or if it cannot be read.
    pub(super) plan: Option<Arc<CompiledPlan>>,
    pub(super) read: ReadAt,
}

/// The prepared answer of the number's own agent. It is a copy of the agent's, which saves one
/// memory access for each call.
pub(super) struct Answer {
    /// `None` if the agent has no voice target, or its answer is too large.
    pub(super) voice: Option<PreparedVoice>,
    pub(super) calls: FirstCall,
    /// The health of the agent's handler; `None` if it has none.
    pub(super) health: Option<HandlerHealth>,
}

/// When a route was read, and which changes make it stale.
pub(super) struct ReadAt {
    pub(super) generation: Generation,
    pub(super) number: Slot,
    pub(super) agent: Option<Slot>,
    pub(super) plan: Option<Slot>,
}

impl ReadAt {
    pub(super) fn is_stale(&self, invalidation: &Invalidation) -> bool {
        let is_older = |slot| invalidation.is_older(self.generation, slot);
        is_older(self.number) || self.agent.is_some_and(is_older) || self.plan.is_some_and(is_older)
    }
}

/// The agent that answers a number if no plan decides.
#[derive(Clone, Copy)]
pub(crate) struct OwnAgent<'a> {
    pub(crate) id: &'a AgentId,
    /// `None` if the answer is too large.
    pub(crate) voice: Option<&'a PreparedVoice>,
    pub(crate) calls: &'a FirstCall,
    /// The health of its handler; `None` if it has none.
    pub(crate) health: Option<&'a HandlerHealth>,
}

impl KnownRoute {
    /// The prepared answer of its own agent.
    pub(crate) const fn answer_of<'a>(&'a self, agent: &'a AgentId) -> OwnAgent<'a> {
        let Answer { voice, calls, health } = &self.answer;
        OwnAgent { id: agent, voice: voice.as_ref(), calls, health: health.as_ref() }
    }

    pub(crate) fn plan(&self) -> Option<&CompiledPlan> {
        self.plan.as_deref()
    }

    pub(crate) const fn recent_decisions(&self) -> &RecentDecisions {
        &self.recent_decisions
    }
}

impl AsRef<PreparedRoute> for KnownRoute {
    fn as_ref(&self) -> &PreparedRoute {
        &self.route
    }
}
