//! Responses that the simulator does not send, for example those of proxies.

mod changes;
mod endings;
mod fixture;
mod lists;
mod retries;
mod secrets;
