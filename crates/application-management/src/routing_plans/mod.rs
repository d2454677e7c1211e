//! What an operator does with routing plans: saves, attaches and takes them back, keeps what they name, and asks what
//! they decide, now, over a week, and for the calls of last week.
//!
//! Whatever is asked, [`Plan::choose`](switchboard_domain::plan::Plan::choose) answers it, as it answers live calls.

mod attach;
mod attachments;
mod destination;
mod draft;
mod error;
mod explain;
mod fallback_chain;
mod history;
mod limits;
mod material;
mod replay;
mod save;
mod split;
mod touch;
mod week;

pub use attach::AttachPlan;
pub use attachments::Attachments;
pub use destination::DestinationSummary;
pub use draft::Draft;
pub use error::PlanError;
pub use explain::{Attached, ExplainPlan, NextTurn, PlanExplanation};
pub use fallback_chain::Reachable;
pub use history::PlanHistory;
pub use limits::{ChangeLimits, LimitChange};
pub use material::KeepMaterial;
pub use replay::{Before, ReplayPlan, ReplayTerms, Replayed, ReplayedChange, Replaying};
pub use save::{NewVersion, Prepared, SavePlan};
pub use split::{Part, Split, split_by_weight};
pub use touch::{TouchPlan, Touched};
pub use week::{Cell, Supposed, Week, WeekDay};

#[cfg(test)]
mod tests;
