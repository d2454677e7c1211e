//! Messaging Services and senders of channels, as stored at the carrier.

use std::fmt;

use crate::address::Address;
use crate::configuration::Configuration;
use crate::sid::{SenderSid, ServiceSid};

/// The webhook that inbound messages to the numbers of a Messaging Service use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InboundWebhook {
    /// The webhook of the number that received the message.
    Number,
    /// The webhook of the service.
    Service,
}

impl InboundWebhook {
    /// The value of Twilio's setting `UseInboundWebhookOnNumber`: `true` or `false`.
    pub const fn as_setting(self) -> &'static str {
        match self {
            Self::Number => "true",
            Self::Service => "false",
        }
    }
}

/// A Messaging Service (Twilio, "Services resource") with a pool of numbers.
#[derive(Clone, PartialEq, Eq)]
pub struct MessagingService {
    /// The SID at Twilio.
    pub sid: ServiceSid,
    /// The name shown to people.
    pub name: String,
    /// The webhook that inbound messages use.
    pub inbound_webhook: InboundWebhook,
    /// The URL of the webhook of the service; empty for none.
    pub inbound_url: String,
}

/// Shows no URLs, because they may hold secrets.
impl fmt::Debug for MessagingService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessagingService").field("sid", &self.sid).finish_non_exhaustive()
    }
}

/// A WhatsApp or RCS sender (Twilio, "Channels Senders resource", version 2). Its messages use its own webhook, not the
/// webhook of its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CarrierSender {
    /// The SID at Twilio.
    pub sid: SenderSid,
    /// The address, for example `whatsapp:+14155550100`.
    pub address: Address,
    /// Every field of [`Part::Sender`](crate::configuration::Part::Sender).
    pub configuration: Configuration,
}
