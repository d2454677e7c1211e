//! Routing plans: ordered rules that choose the destination of a call or message by time, caller, weight and
//! availability.
//!
//! A [`PlanSpec`] is a parsed document. [`Plan::compile`] checks it against the stored agents, calendars and lists and
//! prepares it for fast decisions; [`Routed::choose`](crate::routing::Routed::choose) decides. The same function answers the live request, the
//! explanation, the simulation and the replay.

mod action;
mod audience;
mod calendar;
mod caller;
mod choice;
mod clock_time;
mod compile;
mod condition;
mod containment;
mod document;
mod explain;
mod forecast;
mod overlap;
mod problem;
mod readable;
mod references;
mod rule;
mod schedule;
mod sticky;
mod week;
mod zone;

pub use action::{Action, DialTo, Greeting, QueueName};
pub use audience::{Attestation, Audience, Country, Share};
pub use calendar::{DateRange, LocalDate};
pub use caller::{Caller, CallerFacts, Situation};
pub use choice::{AgentLoad, Availability, Choice, Destination, Skipped, Tried};
pub use clock_time::{MinuteOfDay, Weekdays};
pub use compile::{Catalogue, KnownAgent, MAX_RULES, Plan, PlanAgent};
pub use condition::Mismatch;
pub use document::{HoursDocument, PlanDocument};
pub use explain::{Explanation, RuleVerdict};
pub use forecast::{NextChange, next_change};
pub use problem::{PlanProblem, Pointer, ProblemKind};
pub use readable::Readable;
pub use references::CatalogueNames;
pub use rule::{AgentShare, AskOutside, PlanSpec, RuleSpec, Strategy, ThenSpec, WhenSpec};
pub use schedule::{Exceptions, Schedule, ScheduleSpec, Window};
pub use week::{HalfHour, LocalDay};
pub use zone::{Zone, ZoneError};

#[cfg(test)]
mod tests;
