//! Deliveries of messages to the endpoints of agents: signed requests, and the replies in their responses.

mod endpoint;
mod replies;
mod request_body;

pub use endpoint::HttpMessageEndpoint;
pub use replies::JsonReplies;
