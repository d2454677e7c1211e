//! Deliveries of messages to the endpoints of agents: signed requests, and the replies in their responses.

mod endpoint;
mod replies;
mod request_body;
mod twilio_form;

pub use endpoint::HttpMessageEndpoint;
pub use replies::JsonReplies;
pub use twilio_form::TwilioFormEndpoint;
pub(crate) use twilio_form::{FORM, MAX_TWIML, encoded};
