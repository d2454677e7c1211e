//! A message with its delivery and the replies to it, as JSON.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use switchboard_domain::delivery::{Delivery, Outgoing};
use switchboard_domain::message::MessageRecord;
use utoipa::ToSchema;

use super::delivery::DeliveryObject;
use super::message::{ErrorObject, MessageObject};
use crate::wording::Wording;

/// A message, and what became of it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = MessageStory)]
pub struct MessageStory {
    /// The message.
    #[serde(flatten)]
    pub message: MessageObject,
    /// The delivery to the agent, or the one that sent it.
    #[schema(required)]
    pub delivery_details: Option<DeliveryObject>,
    /// The replies to an inbound message, oldest first.
    pub replies: Vec<ReplyObject>,
}

/// A reply to a message.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Reply)]
pub struct ReplyObject {
    /// The delivery that sends it.
    pub delivery: String,
    /// The state of the delivery.
    pub state: Cow<'static, str>,
    /// Its SID, once Twilio has it.
    #[schema(required)]
    pub sid: Option<String>,
    /// Its status at Twilio, if it is known.
    #[schema(required)]
    pub status: Option<Cow<'static, str>>,
    /// Twilio's error.
    #[schema(required)]
    pub error: Option<ErrorObject>,
    /// The text.
    pub body: String,
}

impl ReplyObject {
    /// Renders a reply. `reported` is what Twilio reported about it.
    pub fn of(
        delivery: &Delivery,
        outgoing: &Outgoing,
        reported: Option<&MessageRecord>,
        wording: &dyn Wording,
    ) -> Self {
        let error = reported.and_then(|reported| reported.error_code);
        Self {
            delivery: delivery.id.to_string(),
            state: delivery.state.as_str().into(),
            sid: outgoing.progress.sid.map(|sid| sid.to_string()),
            status: reported.map(|reported| reported.status.as_str().into()),
            error: error.map(|code| ErrorObject::of(code, wording)),
            body: outgoing.content.body.as_str().to_owned(),
        }
    }
}
