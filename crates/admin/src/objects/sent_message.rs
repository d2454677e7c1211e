//! A message that is accepted to be sent, as JSON.

use serde::Serialize;
use switchboard_application_delivery::NewMessage;
use switchboard_domain::address::Channel;
use switchboard_domain::delivery::{Delivery, Segments};
use utoipa::ToSchema;

use super::DeliveryObject;
use crate::wording::Wording;

/// A message that is accepted: the delivery that sends it, and its size.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SentMessage)]
pub struct SentMessageObject {
    /// The delivery that sends it.
    #[serde(flatten)]
    pub delivery: DeliveryObject,
    /// Whether an earlier request with the same key sent it.
    pub repeated: bool,
    /// The number of characters of the text.
    pub characters: usize,
    /// The encoding of an SMS: `GSM-7` or `UCS-2`.
    #[schema(required)]
    pub encoding: Option<&'static str>,
    /// The number of segments of an SMS.
    #[schema(required)]
    pub segments: Option<u32>,
}

impl SentMessageObject {
    /// Renders a message. Phone numbers are masked unless they are to be revealed.
    pub fn of(
        message: &NewMessage,
        delivery: &Delivery,
        repeated: bool,
        reveal: bool,
        wording: &dyn Wording,
    ) -> Self {
        let segments = segments(message);
        Self {
            delivery: DeliveryObject::of(delivery, None, None, reveal, wording),
            repeated,
            characters: message.content.body.as_str().chars().count(),
            encoding: segments.map(|segments| segments.encoding.as_str()),
            segments: segments.map(|segments| segments.count),
        }
    }
}

/// The segments of an SMS.
pub fn segments(message: &NewMessage) -> Option<Segments> {
    let content = &message.content;
    let is_sms = message.to.message_channel() == Channel::Sms && content.media.is_empty();
    is_sms.then(|| Segments::of(content.body.as_str()))
}
