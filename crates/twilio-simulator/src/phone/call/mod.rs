//! A call, from its first ring to its last status callback.

mod caller;
mod clock;
mod connect;
mod control;
mod dial;
mod execution;
mod inbound;
mod status;
mod verbs;

pub use caller::{Caller, DialOutcome, HangUp, Input, KeyPress, Pace};
pub use control::{CallChanges, CallControl};
pub(crate) use execution::run;
pub use inbound::{CallReport, Extent, InboundCall};
