//! The parameters that Twilio sends, in its order.

mod call;
mod inbound_message;
mod location;

pub use call::CallStatus;
pub(crate) use call::{CallFacts, call_fields, progress_fields};
pub(crate) use inbound_message::{MessageFacts, delivery_fields, message_fields};

/// Names and values, in the order in which they are sent.
pub(crate) type Fields = Vec<(String, String)>;

/// Appends a parameter.
pub(crate) fn push(fields: &mut Fields, name: &str, value: impl Into<String>) {
    fields.push((name.to_owned(), value.into()));
}

/// Encodes parameters as `application/x-www-form-urlencoded`, with `+` for spaces.
pub(crate) fn encode(fields: &[(String, String)]) -> String {
    let mut encoder = url::form_urlencoded::Serializer::new(String::new());
    encoder.extend_pairs(fields);
    encoder.finish()
}
