use async_trait::async_trait;

use crate::carrier::{CarrierAccess, CarrierError, OutgoingMessage};
use crate::sid::MessageSid;

/// Messages that we send. Laws: `switchboard_contract::carrier::messages`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait MessageCarrier: Send + Sync {
    /// Sends a message. MUST NOT be tried again by the adapter once Twilio may have taken it: the other side
    /// would get it twice. MUST return `Refused` if the sender is not the account's.
    async fn create(
        &self,
        access: &CarrierAccess,
        message: &OutgoingMessage,
    ) -> Result<MessageSid, CarrierError>;
}
