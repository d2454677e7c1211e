//! WhatsApp, RCS and Messenger senders at the carrier.

use async_trait::async_trait;

use crate::address::Channel;
use crate::carrier::{CarrierAccess, CarrierError, CarrierSender};
use crate::configuration::Configuration;
use crate::sid::SenderSid;

/// Reads and configures WhatsApp and RCS senders at the carrier. Laws:
/// `switchboard_contract::carrier::senders`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait SenderCarrier: Send + Sync {
    /// Lists the account's senders of a channel, ordered by SID. Only WhatsApp and RCS have
    /// senders; the list of any other channel is empty.
    async fn list(
        &self,
        access: &CarrierAccess,
        channel: Channel,
    ) -> Result<Vec<CarrierSender>, CarrierError>;

    /// Returns the sender, if the account has it.
    async fn fetch(
        &self,
        access: &CarrierAccess,
        sender: SenderSid,
    ) -> Result<Option<CarrierSender>, CarrierError>;

    /// Changes the given fields of [`Part::Sender`](crate::configuration::Part::Sender). MUST NOT
    /// change other fields of the sender's webhook, and MUST ignore fields of other parts. Twilio
    /// may apply the change with a delay. MUST return `NotFound` if the account has no such sender.
    async fn update(
        &self,
        access: &CarrierAccess,
        sender: SenderSid,
        changes: &Configuration,
    ) -> Result<(), CarrierError>;
}
