//! Routing plans: ordered rules that choose who takes a call or a message, by time, by caller, by weight and by who
//! is there.
//!
//! A [`PlanSpec`] is what somebody wrote, parsed. [`Plan::compile`] checks it against the agents, calendars and lists
//! that there are and makes it quick; [`Plan::choose`] decides. One and the same function answers the live request, the
//! explanation, the simulation and the replay.

mod action;
mod audience;
mod calendar;
mod caller;
mod choice;
mod compile;
mod condition;
mod explain;
mod forecast;
mod overlap;
mod problem;
mod rule;
mod schedule;
mod sticky;
mod week;
mod zone;

pub use action::{Action, DialTo, Greeting, QueueName};
pub use audience::{Attestation, Audience, Country, Share};
pub use calendar::{DateRange, LocalDate};
pub use caller::{Caller, CallerFacts, Situation};
pub use choice::{AgentLoad, Availability, Choice, Destination, Tried};
pub use compile::{Catalogue, KnownAgent, MOST_RULES, Plan, PlanAgent};
pub use condition::Mismatch;
pub use explain::{Explanation, RuleVerdict};
pub use forecast::{Turn, next_turn};
pub use problem::{PlanProblem, Pointer, ProblemKind};
pub use rule::{AgentShare, AskOutside, PlanSpec, RuleSpec, Strategy, ThenSpec, WhenSpec};
pub use schedule::{Exceptions, MinuteOfDay, Schedule, ScheduleSpec, Weekdays, Window};
pub use week::{HalfHour, LocalDay};
pub use zone::{Zone, ZoneError};

#[cfg(test)]
mod tests;
