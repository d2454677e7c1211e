//! Messages: what comes in, and what is kept of it.

use std::fmt;

use crate::address::{Address, Channel};
use crate::authentication::VerifiedBy;
use crate::field::{FieldError, optional_number, required, required_text};
use crate::field_smuggling::{
    refuse_absorbed_fields, refuse_hidden, refuse_replaced, refuse_second_message,
};
use crate::form::Form;
use crate::identifier::{AgentId, OrganizationId};
use crate::routing::Reason;
use crate::sid::{AccountSid, MessageSid};
use crate::status::MessageStatus;
use crate::string_enum;
use crate::time::Timestamp;

string_enum! {
    /// Which way a message went.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Direction {
        /// Somebody wrote to a number of ours.
        Inbound = "inbound",
        /// A number of ours wrote.
        Outbound = "outbound",
    }
}

/// What somebody wrote. `Debug` tells its length only.
#[derive(Clone, PartialEq, Eq)]
pub struct Body(String);

impl Body {
    /// Takes the text as it came. A NUL, which Postgres cannot keep, becomes U+FFFD.
    pub fn new(text: &str) -> Self {
        Self(text.replace('\0', "\u{fffd}"))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

/// A message that came in (Twilio, "Twilio's request to your incoming message webhook URL").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboundMessage {
    /// The message.
    pub message: MessageSid,
    /// Who wrote.
    pub from: Address,
    /// To whom.
    pub to: Address,
    /// What was written; empty where only media came.
    pub body: Body,
    /// How many media files came with it.
    pub media_count: u16,
}

impl InboundMessage {
    /// Reads the fields that we act on; each must be there once and in its grammar.
    pub fn parse(form: &Form) -> Result<Self, FieldError> {
        refuse_hidden(form, "NumMedia")?;
        let (from, to) = (form.only("From")?, form.only("To")?);
        refuse_absorbed_fields(from, to)?;
        refuse_second_message(form)?;
        let message = form.only("MessageSid")?;
        refuse_replaced(form, ("MessageSid", message), "SmsMessageSid")?;
        Ok(Self {
            message: required_text("MessageSid", message, |text| MessageSid::parse(text).ok())?,
            from: required_text("From", from, |text| Address::parse_caller(text).ok())?,
            to: required_text("To", to, |text| Address::parse(text).ok())?,
            body: required(form, "Body", |text| Some(Body::new(text)))?,
            media_count: optional_number(form, "NumMedia")?
                .unwrap_or_default()
                .try_into()
                .map_err(|_too_many| FieldError::malformed("NumMedia"))?,
        })
    }

    /// The channel that it came by. Either side can tell: a short code may write to `whatsapp:+…`.
    pub fn channel(&self) -> Channel {
        match self.to.message_channel() {
            Channel::Sms => self.from.message_channel(),
            channel => channel,
        }
    }
}

/// An inbound message, ready to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceivedMessage {
    /// The account that owns it.
    pub account: AccountSid,
    /// The tenant that owns the account.
    pub organization: OrganizationId,
    /// What came in.
    pub inbound: InboundMessage,
    /// Every parameter as it came, form-encoded: media URLs, buttons, locations and what Twilio adds.
    pub parameters: Body,
    /// Who answers, if anybody.
    pub agent: Option<AgentId>,
    /// Why.
    pub reason: Reason,
    /// On what verification the request was taken.
    pub verified_by: VerifiedBy,
    /// When it came in.
    pub received_at: Timestamp,
}

/// What is known of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageRecord {
    /// The account that owns it.
    pub account: AccountSid,
    /// The message.
    pub message: MessageSid,
    /// The tenant that owns the account.
    pub organization: OrganizationId,
    /// Inbound where it was received here; outbound where only its status was told.
    pub direction: Direction,
    /// Who wrote.
    pub from: Option<Address>,
    /// To whom.
    pub to: Option<Address>,
    /// What was written, of an inbound message.
    pub body: Option<Body>,
    /// Every parameter as it came, form-encoded, of an inbound message.
    pub parameters: Option<Body>,
    /// Who answers, if anybody.
    pub agent: Option<AgentId>,
    /// Why, of an inbound message.
    pub reason: Option<Reason>,
    /// How far it has come.
    pub status: MessageStatus,
    /// Twilio's error code, where it failed.
    pub error_code: Option<u32>,
    /// When we first heard of it.
    pub first_seen_at: Timestamp,
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
    fn a_message_with_media_only_has_an_empty_body() {
        let message =
            parse(&format!("MessageSid={SID}&From=whatsapp%3A%2B14155550199&To=whatsapp%3A%2B14155550100&Body=&NumMedia=1"))
                .unwrap();
        assert_eq!(
            (message.body.as_str(), message.media_count, message.channel()),
            ("", 1, Channel::WhatsApp)
        );
    }

    #[test]
    fn a_renamed_body_is_unreadable() {
        let error =
            parse(&format!("MessageSid={SID}&From=%2B14155550199&To=%2B14155550100&Bodyh=i"))
                .unwrap_err();
        assert_eq!(error, "field Body is missing");
    }

    #[test]
    fn debug_tells_the_length_of_a_body_only() {
        assert_eq!(format!("{:?}", Body::new("hello\0")), "8 bytes");
    }
}
