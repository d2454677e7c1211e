//! Incoming calls and messages: the simulator chooses the webhook, and the `phone` module delivers to it.

mod arrival;
mod deauthorization;
mod dispatcher;
mod request;

pub use dispatcher::Dispatcher;
pub use request::{CallRequest, MessageRequest};
