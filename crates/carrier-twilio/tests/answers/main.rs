//! Responses that the simulator does not send, for example those of proxies.

mod changes;
mod endings;
mod lists;
mod retries;
mod rig;
mod secrets;
