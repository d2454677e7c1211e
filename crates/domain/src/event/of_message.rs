//! The events of messages and of consents.

use super::{About, Event, EventData, EventKind, Novelty};
use crate::address::Address;
use crate::consent::{Consent, ConsentState};
use crate::identifier::{AgentId, ConversationId, DeliveryId};
use crate::message::{Direction, ReceivedMessage};
use crate::sid::MessageSid;
use crate::status::{MessageProgress, MessageStatus};

/// That a message arrived, which the store did not know before.
pub fn event_of_received(message: &ReceivedMessage) -> Event {
    let inbound = &message.inbound;
    let about = About {
        organization: &message.organization,
        account: message.account,
        subject: inbound.message.as_str(),
        direction: Direction::Inbound,
        from: Some(&inbound.from),
        to: Some(&inbound.to),
    };
    let delivery = message.delivery.as_ref();
    let data = EventData::default()
        .with("message_sid", inbound.message.as_str())
        .with("channel", inbound.channel().as_str())
        .with("media_count", u32::from(inbound.media_count))
        .with("agent_id", message.agent.as_ref().map(AgentId::as_str))
        .with("reason", message.reason.as_str())
        .with("delivery_id", delivery.map(|new| &new.id).map(DeliveryId::as_str))
        .with("conversation_id", delivery.map(|new| &new.conversation).map(ConversationId::as_str));
    about.event(EventKind::MessageReceived, message.received_at, &Novelty::Known, data)
}

/// What a status of a message says that has happened; `None` for a status on the way.
pub fn event_of_progress(progress: &MessageProgress) -> Option<Event> {
    let kind = match progress.status {
        MessageStatus::Sent => EventKind::MessageSent,
        // A message that is read was delivered, and its status `delivered` can be lost.
        MessageStatus::Delivered | MessageStatus::Read => EventKind::MessageDelivered,
        MessageStatus::Failed | MessageStatus::Undelivered | MessageStatus::Canceled => {
            EventKind::MessageFailed
        }
        MessageStatus::Accepted
        | MessageStatus::Scheduled
        | MessageStatus::Queued
        | MessageStatus::Sending
        | MessageStatus::Receiving
        | MessageStatus::Received
        | MessageStatus::PartiallyDelivered => return None,
    };
    let about = About {
        organization: &progress.organization,
        account: progress.account,
        subject: progress.message.as_str(),
        direction: Direction::Outbound,
        from: progress.from.as_ref(),
        to: progress.to.as_ref(),
    };
    let data = EventData::default()
        .with("message_sid", progress.message.as_str())
        .with("status", progress.status.as_str())
        .with("error_code", progress.error_code);
    Some(about.event(kind, progress.at, &Novelty::Once(""), data))
}

/// That a contact opted out, or in again; `None` if the state is as it was before. A keyword is one change, however often its
/// webhook arrives.
pub fn event_of_consent(consent: &Consent, before: Option<ConsentState>) -> Option<Event> {
    if before.unwrap_or(ConsentState::OptedIn) == consent.state {
        return None;
    }
    let parse = |text| Address::parse_stored(text).ok();
    let (contact, sender) = (parse(consent.key.contact()), parse(consent.key.sender()));
    let at = consent.changed_at;
    // The subject is not the contact, whose address it would show.
    let subject = consent.message.map_or_else(|| at.micros().to_string(), |sid| sid.to_string());
    let about = About {
        organization: &consent.organization,
        account: consent.account,
        subject: &subject,
        direction: Direction::Inbound,
        from: contact.as_ref(),
        to: sender.as_ref(),
    };
    let data = EventData::default()
        .with("state", consent.state.as_str())
        .with("message_sid", consent.message.as_ref().map(MessageSid::as_str));
    Some(about.event(EventKind::OptoutChanged, at, &Novelty::Once(""), data))
}
