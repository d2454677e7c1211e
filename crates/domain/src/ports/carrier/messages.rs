//! Outbound messages at the carrier.

use async_trait::async_trait;

use crate::address::Address;
use crate::carrier::{CarrierAccess, CarrierError, OutgoingMessage};
use crate::delivery::Sighting;
use crate::sid::MessageSid;

/// Sends messages. Laws: `switchboard_contract::carrier::messages`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait MessageCarrier: Send + Sync {
    /// Sends a message. An adapter MUST NOT retry once Twilio may have accepted the message,
    /// because the recipient would get it twice. MUST return `Refused` if the sender does not
    /// belong to the account.
    async fn create(
        &self,
        access: &CarrierAccess,
        message: &OutgoingMessage,
    ) -> Result<MessageSid, CarrierError>;

    /// Returns the last messages from a sender to a recipient, newest first, at least 50 if there are so many. MUST include
    /// messages that Twilio has accepted and not sent yet.
    async fn sent(
        &self,
        access: &CarrierAccess,
        from: &Address,
        to: &Address,
    ) -> Result<Vec<Sighting>, CarrierError>;
}
