//! The management of routing plans. [`Plans`] saves, finds, attaches and removes them,
//! [`KeepMaterial`] manages calendars and number lists, and [`ChangeLimits`] manages the limits of
//! agents. The other use cases explain, simulate and replay plans.
//!
//! Plans at run time, with the health and load of agents, are in
//! `switchboard_application::plan_runtime`. Both decide with
//! [`Routed::choose`](switchboard_domain::routing::Routed::choose).

mod attach_plan;
mod attachments;
mod decided;
mod error;
mod explain;
mod fallback_chain;
mod limits;
mod material;
mod plans;
mod replay;
mod simulate;
mod split;
mod touch;
mod week;

pub use attach_plan::{AnsweredBefore, AttachPlan, Attachment};
pub use attachments::Attachments;
pub use decided::decided_by;
pub use error::PlanError;
pub use explain::{Attached, ExplainPlan, NextTurn, PlanExplanation, SkippedAgent};
pub use fallback_chain::{DestinationSummary, Reachable};
pub(crate) use limits::hour_problems_of;
pub use limits::{ChangeLimits, LimitChange, limits_of};
pub use material::KeepMaterial;
pub use plans::{CheckedPlan, Draft, NewVersion, Plans, Prepared};
pub use replay::{Before, ReplayPlan, ReplayTerms, Replayed, ReplayedChange, Replaying};
pub use simulate::{FirstDay, SimulatePlan, Simulated};
pub use split::{Part, Split, split_by_weight};
pub use touch::{TouchPlan, Touched};
pub use week::{Cell, Supposed, Week, WeekDay};

#[cfg(test)]
mod tests;
