//! Runs a call, from the first ring to the final status callback.

mod caller;
mod clock;
mod connect;
mod control;
mod dial;
mod execution;
mod inbound_call;
mod status;
mod verbs;

pub use caller::{Caller, DialOutcome, HangUp, Input, KeyPress, Pace};
pub use control::{CallChanges, CallControl};
pub(crate) use execution::run;
pub use inbound_call::{CallReport, Extent, InboundCall};
