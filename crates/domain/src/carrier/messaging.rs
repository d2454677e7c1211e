//! Messaging Services and senders of channels as the carrier keeps them.

use crate::address::Address;
use crate::configuration::Configuration;
use crate::sid::{SenderSid, ServiceSid};

/// A Messaging Service (Twilio, "Services resource"). Messages to the numbers in its pool go to its own URL,
/// unless it leaves them to each number's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessagingService {
    /// Twilio's key of it.
    pub sid: ServiceSid,
    /// What people call it.
    pub name: String,
    /// Whether messages go to the URL of the number that they came to.
    pub defers_to_number: bool,
    /// Where messages go otherwise; empty for nowhere.
    pub inbound_url: String,
}

/// A WhatsApp or RCS sender (Twilio, "Channels Senders resource", version 2). Its webhook, and not its number's,
/// gets its messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CarrierSender {
    /// Twilio's key of it.
    pub sid: SenderSid,
    /// Who it is, for example `whatsapp:+14155550100`.
    pub address: Address,
    /// Every field of [`Part::Sender`](crate::configuration::Part::Sender).
    pub configuration: Configuration,
}
