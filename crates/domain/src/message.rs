//! Messages: what Twilio sends about a message, and what is stored of it.

use std::fmt;

use crate::address::{Address, Channel};
use crate::authentication::VerifiedBy;
use crate::call::RuleRef;
use crate::field::{FieldError, optional_number, required, required_text};
use crate::field_smuggling::{MessageFields, message_fields};
use crate::form::Form;
use crate::identifier::{AgentId, ConversationId, DeliveryId, OrganizationId};
use crate::routing::Reason;
use crate::sid::{AccountSid, MessageSid};
use crate::status::MessageStatus;
use crate::string_enum;
use crate::time::Timestamp;

string_enum! {
    /// Direction of a message.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Direction {
        /// Sent to one of our numbers.
        Inbound = "inbound",
        /// Sent from one of our numbers.
        Outbound = "outbound",
    }
}

/// The text of a message. `Debug` shows its length only.
#[derive(Clone, PartialEq, Eq)]
pub struct Body(String);

impl Body {
    /// Wraps a text. Replaces NUL, which Postgres cannot store, with U+FFFD.
    pub fn new(text: &str) -> Self {
        Self(text.replace('\0', "\u{fffd}"))
    }

    /// The text, which may hold anything that a contact wrote.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

/// An inbound message (Twilio, "Twilio's request to your incoming message webhook URL").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboundMessage {
    /// SID of the message.
    pub message: MessageSid,
    /// Sender.
    pub from: Address,
    /// Recipient.
    pub to: Address,
    /// Text; empty if the message has only media.
    pub body: Body,
    /// Number of media files.
    pub media_count: u16,
}

impl InboundMessage {
    /// Parses the fields that routing depends on; each must be present once and valid by its grammar.
    pub fn parse(form: &Form) -> Result<Self, FieldError> {
        let form = form.in_signed_order();
        let MessageFields { from, message, to } = message_fields(&form)?;
        Ok(Self {
            message: required_text("MessageSid", message, |text| MessageSid::parse(text).ok())?,
            from: required_text("From", from, |text| Address::parse_caller(text).ok())?,
            to: required_text("To", to, |text| Address::parse(text).ok())?,
            body: required(&form, "Body", |text| Some(Body::new(text)))?,
            media_count: optional_number(&form, "NumMedia")?
                .unwrap_or_default()
                .try_into()
                .map_err(|_too_many| FieldError::malformed("NumMedia"))?,
        })
    }

    /// Channel of the message. Either address may determine it: a short code can write to `whatsapp:+…`.
    pub fn channel(&self) -> Channel {
        match self.to.message_channel() {
            Channel::Sms => self.from.message_channel(),
            channel => channel,
        }
    }
}

/// The delivery of a received message, which is stored with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDelivery {
    /// Id of the delivery.
    pub id: DeliveryId,
    /// Conversation within which the order is kept.
    pub conversation: ConversationId,
    /// Whether the contact had no conversation when the message arrived, so that the conversation is stored with it.
    pub begins_conversation: bool,
}

/// An inbound message with its decision, to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceivedMessage {
    /// Account that owns the message.
    pub account: AccountSid,
    /// Organization that owns the account.
    pub organization: OrganizationId,
    /// The message itself.
    pub inbound: InboundMessage,
    /// All parameters, form-encoded as received: media URLs, buttons, locations and any that Twilio adds.
    pub parameters: Body,
    /// Agent that the message was routed to; `None` if there is none.
    pub agent: Option<AgentId>,
    /// Rule of the plan that decided; `None` if no plan decided.
    pub rule: Option<RuleRef>,
    /// Why the decision was made.
    pub reason: Reason,
    /// How the request was verified.
    pub verified_by: VerifiedBy,
    /// When the message arrived.
    pub received_at: Timestamp,
    /// The delivery to the agent's endpoint; `None` if the message is answered without one.
    pub delivery: Option<NewDelivery>,
}

impl ReceivedMessage {
    /// The message in a conversation that is stored already.
    #[must_use]
    pub fn in_conversation(&self, conversation: ConversationId) -> Self {
        let joined =
            |new: NewDelivery| NewDelivery { conversation, begins_conversation: false, ..new };
        Self { delivery: self.delivery.clone().map(joined), ..self.clone() }
    }

    /// The message with a conversation that is not stored yet.
    #[must_use]
    pub fn beginning_conversation(&self) -> Self {
        let beginning = |new: NewDelivery| NewDelivery { begins_conversation: true, ..new };
        Self { delivery: self.delivery.clone().map(beginning), ..self.clone() }
    }
}

/// The stored record of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageRecord {
    /// Account that owns the message.
    pub account: AccountSid,
    /// SID of the message.
    pub message: MessageSid,
    /// Organization that owns the account.
    pub organization: OrganizationId,
    /// Inbound if the message itself was received; outbound if it was sent, or if only status callbacks were received.
    pub direction: Direction,
    /// Sender; `None` if no request named one.
    pub from: Option<Address>,
    /// Recipient; `None` if no request named one.
    pub to: Option<Address>,
    /// Text; `None` for an outbound message, whose text is in its delivery if it was sent from here.
    pub body: Option<Body>,
    /// All parameters, form-encoded as received; `None` for an outbound message.
    pub parameters: Option<Body>,
    /// Agent that the message was routed to, or that wrote it; `None` if there is none.
    pub agent: Option<AgentId>,
    /// Rule of the plan that decided; `None` if no plan decided.
    pub rule: Option<RuleRef>,
    /// Why the decision was made; `None` for an outbound message.
    pub reason: Option<Reason>,
    /// How the webhook that brought it was verified; `None` for an outbound message.
    pub verified_by: Option<VerifiedBy>,
    /// The most advanced state.
    pub status: MessageStatus,
    /// Twilio's error code; `None` if there is none.
    pub error_code: Option<u32>,
    /// When the first request about the message arrived.
    pub first_seen_at: Timestamp,
}

impl MessageRecord {
    /// Whether a token of the account signed the webhook that brought the message, so that it is from Twilio.
    pub fn is_verified(&self) -> bool {
        self.verified_by.is_some_and(VerifiedBy::is_token)
    }
}

#[cfg(test)]
mod tests {
    use super::{Body, InboundMessage};
    use crate::address::Channel;
    use crate::form::Form;

    const SID: &str = "SM0123456789abcdef0123456789abcdef";

    fn parse(form: &str) -> Result<InboundMessage, String> {
        InboundMessage::parse(&Form::parse(form.as_bytes()).unwrap())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_message_with_only_media_has_an_empty_body() {
        let message =
            parse(&format!("MessageSid={SID}&From=whatsapp%3A%2B14155550199&To=whatsapp%3A%2B14155550100&Body=&NumMedia=1"))
                .unwrap();
        assert_eq!(
            (message.body.as_str(), message.media_count, message.channel()),
            ("", 1, Channel::WhatsApp)
        );
    }

    #[test]
    fn a_message_without_a_body_field_is_refused() {
        let error =
            parse(&format!("MessageSid={SID}&From=%2B14155550199&To=%2B14155550100&Bodyh=i"))
                .unwrap_err();
        assert_eq!(error, "field Body is missing");
    }

    #[test]
    fn debug_shows_only_the_length_of_a_body() {
        assert_eq!(format!("{:?}", Body::new("hello\0")), "8 bytes");
    }
}
