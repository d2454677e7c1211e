//! Numbers that a routing plan decides for: plans made ready, who is there, and the ladder of a call.

mod answering;
mod climb;
mod compiled_plan;
mod health;
mod ladder;
mod load_plan;
mod presence;
mod upkeep;

pub(crate) use answering::Answering;
pub use climb::ClimbLadder;
pub(crate) use climb::PlannedCall;
pub(crate) use compiled_plan::CompiledPlan;
pub(crate) use ladder::Progress;
pub use load_plan::{MaterialCatalogue, PlanSources, UnreadablePlan};
pub(crate) use presence::Outcome;
pub use presence::{AgentPresence, PresenceLimits};
pub use upkeep::PresenceUpkeep;
