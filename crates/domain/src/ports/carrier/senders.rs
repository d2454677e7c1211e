use async_trait::async_trait;

use crate::address::Channel;
use crate::carrier::{CarrierAccess, CarrierError, CarrierSender};
use crate::configuration::Configuration;
use crate::sid::SenderSid;

/// WhatsApp and RCS senders at the carrier. Laws: `switchboard_contract::carrier::senders`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait SenderCarrier: Send + Sync {
    /// The account's senders of a channel, in the order of their SIDs. Channels other than WhatsApp and RCS have
    /// none.
    async fn list(
        &self,
        access: &CarrierAccess,
        channel: Channel,
    ) -> Result<Vec<CarrierSender>, CarrierError>;

    /// The sender, if the account has it.
    async fn fetch(
        &self,
        access: &CarrierAccess,
        sender: SenderSid,
    ) -> Result<Option<CarrierSender>, CarrierError>;

    /// Changes those fields of [`Part::Sender`](crate::configuration::Part::Sender) that are named; others of the
    /// sender's webhook MUST stay. Twilio may take a while to act on it. Fields of other parts MUST be passed
    /// over. MUST return `NotFound` if the account has no such sender.
    async fn update(
        &self,
        access: &CarrierAccess,
        sender: SenderSid,
        changes: &Configuration,
    ) -> Result<(), CarrierError>;
}
