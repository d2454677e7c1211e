//! Routing plans at run time: compiled plans, the load of agents, and fallback chains.
//!
//! The crate `switchboard-application-management` saves, attaches and explains plans.

mod agent_load;
mod call_ages;
mod circuit_breaker;
mod compiled_plan;
mod continued;
mod ended_calls;
mod fallback_chain;
mod handler_attempts;
mod handler_health;
mod health_check;
mod load_plan;
mod message_reply;
mod own_handler;
mod progress;

pub use agent_load::{AgentLoadLimits, AgentLoadTracker};
pub(crate) use agent_load::{AttemptState, Outcome};
pub(crate) use compiled_plan::CompiledPlan;
pub(crate) use continued::Next;
pub use fallback_chain::FallbackChain;
pub(crate) use fallback_chain::{Attempt, CallStage, PlannedCall};
pub(crate) use handler_attempts::FailedAttempt;
pub(crate) use handler_health::HandlerHealth;
pub use health_check::HealthCheck;
pub(crate) use load_plan::HealthUrl;
pub use load_plan::{CompiledDocument, MaterialCatalogue, PlanSources, UnreadablePlan};
pub(crate) use message_reply::{Answer, MessageReply};
pub(crate) use own_handler::Unanswered;
pub(crate) use progress::Progress;
