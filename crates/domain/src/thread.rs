//! The thread of a conversation: the messages of both sides and their calls, on all channels.

use crate::address::{Address, Channel};
use crate::call::{CallDirection, CallRecord};
use crate::delivery::{Delivery, DeliveryItem, DeliveryState, Outgoing};
use crate::message::{Body, Direction, MessageRecord};
use crate::time::Timestamp;

/// The maximum number of entries that agents read.
pub const MAX_ENTRIES: u32 = 20;

/// The latest messages and calls between a contact and one of our numbers or senders.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Thread {
    /// Messages of the contact.
    pub received: Vec<MessageRecord>,
    /// Deliveries of messages to the contact.
    pub sent: Vec<Delivery>,
    /// Calls in both directions.
    pub calls: Vec<CallRecord>,
}

/// A message or call of a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThreadEntry<'a> {
    /// A message of the contact.
    Received(&'a MessageRecord),
    /// A message to the contact.
    Sent(&'a Delivery, &'a Outgoing),
    /// A call.
    Called(&'a CallRecord),
}

impl Thread {
    /// The last entries, oldest first: at most [`MAX_ENTRIES`]. A message that is not sent any more is not among them.
    pub fn latest(&self) -> Vec<ThreadEntry<'_>> {
        let received = self.received.iter().map(ThreadEntry::Received);
        let sent = self.sent.iter().filter_map(sent);
        let called = self.calls.iter().map(ThreadEntry::Called);
        let mut entries: Vec<_> = received.chain(sent).chain(called).collect();
        // The sort is stable: of entries at the same time, a message of the contact comes before its reply.
        entries.sort_by_key(|entry| entry.at());
        let surplus = entries.len().saturating_sub(MAX_ENTRIES as usize);
        entries.split_off(surplus)
    }
}

/// A message that was sent, or will be.
fn sent(delivery: &Delivery) -> Option<ThreadEntry<'_>> {
    let DeliveryItem::Outgoing(outgoing) = &delivery.item else { return None };
    match delivery.state {
        DeliveryState::Pending | DeliveryState::Delivering | DeliveryState::Delivered => {
            Some(ThreadEntry::Sent(delivery, outgoing))
        }
        DeliveryState::Dead | DeliveryState::Canceled => None,
    }
}

impl<'a> ThreadEntry<'a> {
    /// When it arrived, was written, or began.
    pub const fn at(self) -> Timestamp {
        match self {
            Self::Received(message) => message.first_seen_at,
            Self::Sent(delivery, _) => delivery.created_at,
            Self::Called(call) => call.first_seen_at,
        }
    }

    /// Which side wrote or called.
    pub const fn direction(self) -> Direction {
        match self {
            Self::Received(_) => Direction::Inbound,
            Self::Sent(..) => Direction::Outbound,
            Self::Called(call) => match call.direction {
                Some(CallDirection::OutboundApi | CallDirection::OutboundDial) => {
                    Direction::Outbound
                }
                Some(CallDirection::Inbound) | None => Direction::Inbound,
            },
        }
    }

    /// The channel; of a message, that of the contact's address.
    pub fn channel(self) -> Channel {
        match self {
            Self::Received(message) => {
                message.from.as_ref().map_or(Channel::Sms, Address::message_channel)
            }
            Self::Sent(_, outgoing) => outgoing.to.message_channel(),
            Self::Called(_) => Channel::Voice,
        }
    }

    /// The text; empty for a call, and for a message with media only.
    pub fn text(self) -> &'a str {
        match self {
            Self::Received(message) => message.body.as_ref().map(Body::as_str).unwrap_or_default(),
            Self::Sent(_, outgoing) => outgoing.content.body.as_str(),
            Self::Called(_) => "",
        }
    }
}

#[cfg(test)]
mod tests;
