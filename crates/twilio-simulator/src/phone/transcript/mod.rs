//! The transcript of a call or message.

mod alert;
mod entry;
mod recorder;
mod rendering;

pub use alert::{Alert, Level};
pub use entry::{Entry, Event, Purpose, Request};
pub(crate) use recorder::Recorder;
pub use recorder::Transcript;
