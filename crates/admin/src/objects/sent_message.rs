//! A message that is accepted to be sent, as JSON.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use switchboard_application_delivery::{AcceptedMessage, NewMessage};
use switchboard_domain::address::Channel;
use switchboard_domain::delivery::Segments;
use switchboard_domain::ports::Insertion;
use utoipa::ToSchema;

use super::{DeliveryObject, NumberDisplay};
use crate::wording::Wording;

/// A message that is accepted: the delivery that sends it, and its size.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = SentMessage)]
pub struct SentMessageObject {
    /// The delivery that sends it.
    #[serde(flatten)]
    pub delivery: DeliveryObject,
    /// Whether an earlier request with the same key sent it.
    pub repeated: bool,
    /// The SID of the template; `null` for a text.
    #[schema(required)]
    pub template: Option<String>,
    /// The number of characters of the text; `null` for a template, whose text only Twilio knows.
    #[schema(required)]
    pub characters: Option<usize>,
    /// The encoding of an SMS: `GSM-7` or `UCS-2`.
    #[schema(required)]
    pub encoding: Option<Cow<'static, str>>,
    /// The number of segments of an SMS.
    #[schema(required)]
    pub segments: Option<u32>,
}

impl SentMessageObject {
    /// Renders a message.
    pub fn of(
        message: &NewMessage,
        accepted: &AcceptedMessage,
        phone_numbers: NumberDisplay,
        wording: &dyn Wording,
    ) -> Self {
        let segments = segments(message);
        let content = &message.content;
        let template = content.template.as_ref().map(|template| template.content.to_string());
        Self {
            delivery: DeliveryObject::of(&accepted.delivery, None, None, phone_numbers, wording),
            repeated: accepted.insertion == Insertion::Duplicate,
            characters: template.is_none().then(|| content.body.as_str().chars().count()),
            template,
            encoding: segments.map(|segments| segments.encoding.as_str().into()),
            segments: segments.map(|segments| segments.count),
        }
    }
}

/// The segments of an SMS.
pub fn segments(message: &NewMessage) -> Option<Segments> {
    let content = &message.content;
    let is_sms = message.to.message_channel() == Channel::Sms
        && content.media.is_empty()
        && content.template.is_none();
    is_sms.then(|| Segments::of(content.body.as_str()))
}
