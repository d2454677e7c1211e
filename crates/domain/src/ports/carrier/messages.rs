//! Outbound messages at the carrier.

use async_trait::async_trait;

use crate::address::Address;
use crate::carrier::{CarrierAccess, CarrierError, OutgoingMessage};
use crate::delivery::Sighting;
use crate::sid::MessageSid;

/// Composes a message when nothing is left to wait for: what may be sent can change while the carrier is busy.
#[async_trait]
pub trait ComposeMessage: Send + Sync {
    /// The message as it is to be sent now; `None` if nothing may be sent any more.
    async fn compose(&self) -> Option<OutgoingMessage>;
}

/// A message that is sent in any case.
#[async_trait]
impl ComposeMessage for OutgoingMessage {
    async fn compose(&self) -> Option<OutgoingMessage> {
        Some(self.clone())
    }
}

/// Sends messages. Laws: `switchboard_contract::carrier::messages`.
#[async_trait]
pub trait MessageCarrier: Send + Sync {
    /// Sends a message. It MUST be composed anew right before each request, after all waits for other requests. Returns
    /// `None`, and MUST NOT send anything, if it may not be sent any more. An adapter MUST NOT retry once Twilio may have
    /// accepted the message, because the recipient would get it twice. MUST return `Refused` if the sender does not
    /// belong to the account.
    async fn create(
        &self,
        access: &CarrierAccess,
        message: &dyn ComposeMessage,
    ) -> Result<Option<MessageSid>, CarrierError>;

    /// Returns the last messages from a sender to a recipient, newest first, at least 50 if there are so many. MUST include
    /// messages that Twilio has accepted and not sent yet.
    async fn sent(
        &self,
        access: &CarrierAccess,
        from: &Address,
        to: &Address,
    ) -> Result<Vec<Sighting>, CarrierError>;
}
