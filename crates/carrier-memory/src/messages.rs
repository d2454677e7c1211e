//! Messages that are sent.

use async_trait::async_trait;
use switchboard_domain::address::Address;
use switchboard_domain::carrier::{CarrierAccess, CarrierError, OutgoingMessage};
use switchboard_domain::configuration::Configuration;
use switchboard_domain::delivery::Sighting;
use switchboard_domain::ports::carrier::{ComposeMessage, MessageCarrier};
use switchboard_domain::sender::Sender;
use switchboard_domain::sid::MessageSid;
use switchboard_domain::time::Timestamp;

use crate::MemoryCarrier;
use crate::account::StoredAccount;
use crate::auth::Keys;

/// This carrier has no clock, so all its messages are newer than any other event.
const ALWAYS_NEW: Timestamp = Timestamp::from_micros(i64::MAX);

#[async_trait]
impl MessageCarrier for MemoryCarrier {
    async fn create(
        &self,
        access: &CarrierAccess,
        message: &dyn ComposeMessage,
    ) -> Result<Option<MessageSid>, CarrierError> {
        let Some(message) = message.compose().await else { return Ok(None) };
        self.ask("message.create", access, Keys::OwnOrParent, |op| {
            if !has_sender(op.stored, &message.from) {
                return Err(op.refused(21606, "The 'From' number is not of your account"));
            }
            let is_known = |sid| op.stored.services.contains_key(&sid);
            if !message.service.is_none_or(is_known) {
                return Err(op.refused(21701, "The Messaging Service does not exist"));
            }
            let has_content = message.template.is_some()
                || !message.body.as_str().is_empty()
                || !message.media.is_empty();
            if !has_content {
                return Err(op.refused(21619, "A text message body or media must be specified"));
            }
            let sid =
                format!("{}{}", if message.media.is_empty() { "SM" } else { "MM" }, op.digits());
            let sid = MessageSid::parse(&sid).map_err(|source| CarrierError::Unreadable {
                operation: op.name,
                source: source.into(),
            })?;
            op.stored.messages.push((sid, message));
            op.wrote(sid.to_string(), Configuration::new());
            Ok(Some(sid))
        })
    }

    async fn sent(
        &self,
        access: &CarrierAccess,
        from: &Address,
        to: &Address,
    ) -> Result<Vec<Sighting>, CarrierError> {
        self.ask("message.list", access, Keys::OwnOrParent, |op| {
            let sent = op.stored.messages.iter().rev();
            let between = sent.filter(|(_, message)| message.from == *from && message.to == *to);
            let sighting = |(sid, message): &(MessageSid, OutgoingMessage)| Sighting {
                sid: *sid,
                body: message.body.clone(),
                created_at: ALWAYS_NEW,
            };
            Ok(between.map(sighting).collect())
        })
    }
}

fn has_sender(stored: &StoredAccount, from: &Address) -> bool {
    match from {
        Address::Phone(_) | Address::ShortCode(_) => {
            Sender::of(from).is_some_and(|sender| stored.number(sender).is_some())
        }
        other => stored.senders.values().any(|sender| sender.address == *other),
    }
}
