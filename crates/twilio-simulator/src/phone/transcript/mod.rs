//! What happened in a call or with a message, in order.

mod alert;
mod entry;
mod recorder;
mod rendering;

pub use alert::{Alert, Level};
pub use entry::{Entry, Event, Purpose, Request};
pub(crate) use recorder::Recorder;
pub use recorder::Transcript;
