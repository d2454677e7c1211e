//! WhatsApp and RCS senders.

use async_trait::async_trait;
use switchboard_domain::address::Channel;
use switchboard_domain::carrier::{CarrierAccess, CarrierError, CarrierSender};
use switchboard_domain::configuration::{Configuration, Part};
use switchboard_domain::ports::carrier::SenderCarrier;
use switchboard_domain::sid::SenderSid;

use crate::MemoryCarrier;
use crate::auth::Keys;
use crate::validation::invalid_for_sender;

#[async_trait]
impl SenderCarrier for MemoryCarrier {
    async fn list(
        &self,
        access: &CarrierAccess,
        channel: Channel,
    ) -> Result<Vec<CarrierSender>, CarrierError> {
        self.ask("sender.list", access, Keys::Own, |op| {
            let senders = op.stored.senders.values();
            let of_channel = senders.filter(|sender| sender.address.message_channel() == channel);
            Ok(of_channel.cloned().collect())
        })
    }

    async fn fetch(
        &self,
        access: &CarrierAccess,
        sender: SenderSid,
    ) -> Result<Option<CarrierSender>, CarrierError> {
        self.ask("sender.fetch", access, Keys::Own, |op| {
            Ok(op.stored.senders.get(&sender).cloned())
        })
    }

    async fn update(
        &self,
        access: &CarrierAccess,
        sender: SenderSid,
        changes: &Configuration,
    ) -> Result<(), CarrierError> {
        self.ask("sender.update", access, Keys::Own, |op| {
            let changes = changes.of(Part::Sender);
            if !op.stored.senders.contains_key(&sender) {
                return Err(op.missing());
            }
            if let Some(field) = invalid_for_sender(&changes) {
                return Err(op.refused(20001, &format!("{field} is not valid")));
            }
            if changes.is_empty() {
                return Ok(());
            }
            if let Some(stored) = op.stored.senders.get_mut(&sender) {
                stored.configuration = changes.clone().or(&stored.configuration);
            }
            op.wrote(sender.to_string(), changes);
            Ok(())
        })
    }
}
