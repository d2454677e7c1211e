use async_trait::async_trait;

use crate::carrier::{CarrierAccess, CarrierError, OutgoingMessage};
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
}
