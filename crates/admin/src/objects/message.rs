//! A message as JSON.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};
use switchboard_domain::address::{Address, Channel};
use switchboard_domain::delivery::{Delivery, DeliveryItem, OutgoingContent};
use switchboard_domain::form::Form;
use switchboard_domain::identifier::ConversationId;
use switchboard_domain::message::{Direction, MessageRecord};
use switchboard_domain::routing::Reason;
use utoipa::ToSchema;

use super::party::{AgentRefObject, PlanRefObject, RuleRefObject, address};
use super::{NumberDisplay, instant};
use crate::wording::Wording;

/// A message.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Message)]
pub struct MessageObject {
    /// Its SID.
    pub sid: String,
    /// The account that received or sent it.
    pub account_sid: String,
    /// The organization of the account.
    pub organization: String,
    /// Our number or sender.
    #[schema(required)]
    pub sender: Option<String>,
    /// The other side.
    #[schema(required)]
    pub contact: Option<String>,
    /// `inbound` or `outbound`.
    pub direction: Cow<'static, str>,
    /// The channel.
    pub channel: Cow<'static, str>,
    /// The address that it is from.
    #[schema(required)]
    pub from: Option<String>,
    /// The address that it is to.
    #[schema(required)]
    pub to: Option<String>,
    /// Its text.
    #[schema(required)]
    pub body: Option<String>,
    /// Its files.
    pub media: Vec<MediaObject>,
    /// The agent that the decision chose.
    #[schema(required)]
    pub agent: Option<AgentRefObject>,
    /// The routing plan that decided.
    #[schema(required)]
    pub plan: Option<PlanRefObject>,
    /// The rule of the plan that decided.
    #[schema(required)]
    pub rule: Option<RuleRefObject>,
    /// The reason of the decision.
    #[schema(required)]
    pub reason: Option<Cow<'static, str>>,
    /// Its status at Twilio.
    pub status: Cow<'static, str>,
    /// Twilio's error.
    #[schema(required)]
    pub error: Option<ErrorObject>,
    /// Its conversation.
    #[schema(required)]
    pub conversation: Option<String>,
    /// The delivery to the agent, or the one that sent it.
    #[schema(required)]
    pub delivery: Option<String>,
    /// When it was first reported.
    #[schema(format = DateTime)]
    pub received_at: String,
}

/// A file of a message.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Media)]
pub struct MediaObject {
    /// Where it is.
    pub url: String,
    /// Its media type, if it is known.
    #[schema(required)]
    pub content_type: Option<String>,
}

impl MediaObject {
    /// Renders the files of a message to a contact.
    pub fn of_outgoing(content: &OutgoingContent) -> Vec<Self> {
        let media = content.media.iter();
        media.map(|url| Self { url: url.as_str().to_owned(), content_type: None }).collect()
    }
}

/// Twilio's error.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = TwilioError)]
pub struct ErrorObject {
    /// Its code.
    pub code: u32,
    /// What it means.
    pub meaning: Cow<'static, str>,
}

impl ErrorObject {
    /// Renders an error.
    pub fn of(code: u32, wording: &dyn Wording) -> Self {
        Self { code, meaning: wording.twilio_error(code).into() }
    }
}

/// For people.
impl fmt::Display for ErrorObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.code, self.meaning)
    }
}

impl MessageObject {
    /// Renders a message with what it refers to.
    pub fn of(
        message: &MessageRecord,
        agent: Option<AgentRefObject>,
        plan: Option<PlanRefObject>,
        delivery: Option<&Delivery>,
        phone_numbers: NumberDisplay,
        wording: &dyn Wording,
    ) -> Self {
        let shown = |side: Option<&Address>| side.map(|side| address(side, phone_numbers));
        let (from, to) = (message.from.as_ref(), message.to.as_ref());
        let (sender, contact) = match message.direction {
            Direction::Inbound => (to, from),
            Direction::Outbound => (from, to),
        };
        let content = match delivery.map(|delivery| &delivery.item) {
            Some(DeliveryItem::Outgoing(outgoing)) => Some(&outgoing.content),
            Some(DeliveryItem::Received(_) | DeliveryItem::Event(_)) | None => None,
        };
        let body = content.map(|content| &content.body).or(message.body.as_ref());
        let conversation = delivery.and_then(Delivery::conversation);
        Self {
            sid: message.message.to_string(),
            account_sid: message.account.to_string(),
            organization: message.organization.to_string(),
            sender: shown(sender),
            contact: shown(contact),
            direction: message.direction.as_str().into(),
            channel: channel(from, to).as_str().into(),
            from: shown(from),
            to: shown(to),
            body: body.map(|body| body.as_str().to_owned()),
            media: content.map_or_else(|| media(message), MediaObject::of_outgoing),
            agent,
            plan,
            rule: message.rule.as_ref().map(RuleRefObject::of),
            reason: message.reason.map(Reason::as_str).map(Cow::Borrowed),
            status: message.status.as_str().into(),
            error: message.error_code.map(|code| ErrorObject::of(code, wording)),
            conversation: conversation.map(ConversationId::to_string),
            delivery: delivery.map(|delivery| delivery.id.to_string()),
            received_at: instant(message.first_seen_at),
        }
    }
}

/// The channel of a message. Either address may determine it.
pub(super) fn channel(from: Option<&Address>, to: Option<&Address>) -> Channel {
    let by = |side: Option<&Address>| side.map(Address::message_channel);
    let other = by(to).filter(|channel| *channel != Channel::Sms);
    other.or(by(from)).unwrap_or(Channel::Sms)
}

/// The files of a message, which are in the parameters as they were received.
pub(super) fn media(message: &MessageRecord) -> Vec<MediaObject> {
    let Some(parameters) = &message.parameters else { return Vec::new() };
    let Ok(form) = Form::parse(parameters.as_str().as_bytes()) else { return Vec::new() };
    let value = |name: &str| {
        form.fields().find(|(field, _)| *field == name).map(|(_, value)| value.to_owned())
    };
    (0_u16..)
        .map_while(|index| {
            let url = value(&format!("MediaUrl{index}"))?;
            Some(MediaObject { url, content_type: value(&format!("MediaContentType{index}")) })
        })
        .collect()
}
