//! Requests to the customer's URLs, as Twilio makes them: signed, with its time-outs and its one retry, its
//! redirects, and the faults that were ordered.

mod answer;
mod attempt;
mod courier;
mod detour;
mod fault;
mod overrides;
mod truncated;

pub(crate) use answer::Answer;
pub(crate) use attempt::Channel;
pub(crate) use courier::Courier;
pub use detour::Detour;
pub(crate) use detour::{detoured, host_header};
pub(crate) use fault::Faults;
pub use fault::{Fault, FaultOrder};
