//! Deliveries: messages on their way to an agent's endpoint, outgoing messages on their way to Twilio, and events on their way
//! to subscribers.

mod attempt;
mod conversation;
mod idempotency;
mod loops;
mod outgoing;
mod queue;
mod schedule;
mod segments;
mod target;
mod whatsapp_window;

pub use attempt::{Attempt, AttemptDetail, AttemptOutcome};
pub use conversation::{ConversationKey, addresses_of_calls, addresses_of_contact};
pub use idempotency::{IdempotencyKey, InvalidIdempotencyKey};
pub use loops::{Loop, STOPPED_FOR, Turn};
pub use outgoing::{
    InvalidContent, InvalidReply, MAX_MEDIA, MAX_REPLIES, OtherMessages, Outgoing, OutgoingContent,
    ReplyError, SendProgress, SendState, Sighting, settle,
};
pub use queue::{EventLane, QueueOwner};
pub use schedule::{
    MAX_AGE_SECONDS, MAX_ORDER_WAIT_SECONDS, MAX_RETRY_AFTER, RETRY_DELAYS, next_delay,
};
pub use segments::{Encoding, Segments};
pub use target::{Busy, DeliveryTarget};
pub use whatsapp_window::{is_window_open, window_openers};

use std::time::Duration;

use crate::event_kind::EventKind;
use crate::identifier::{AgentId, ConversationId, DeliveryId, EventId, OrganizationId};
use crate::message::{Direction, MessageRecord, NewDelivery, ReceivedMessage};
use crate::sid::{AccountSid, MessageSid};
use crate::status::MessageStatus;
use crate::string_enum;
use crate::time::Timestamp;
use crate::web_address::WebUrl;

string_enum! {
    /// How far a delivery is. The last three are final, until a dead one is replayed.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum DeliveryState {
        /// Waits for its next attempt, or for earlier deliveries of its conversation.
        Pending = "pending",
        /// An attempt is running.
        Delivering = "delivering",
        /// Final: the target accepted it.
        Delivered = "delivered",
        /// Final: the target refused it, or all attempts failed.
        Dead = "dead",
        /// Final: nothing is left to deliver.
        Canceled = "canceled",
    }
}

impl DeliveryState {
    /// Whether no further attempt is made.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Delivered | Self::Dead | Self::Canceled)
    }
}

/// A delivery, as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Id of the delivery; of a message, it is the `webhook-id` of all attempts.
    pub id: DeliveryId,
    /// Organization that owns the account.
    pub organization: OrganizationId,
    /// Account of the message, or of the call that the event is about.
    pub account: AccountSid,
    /// What the queue belongs to, within which the order is kept.
    pub owner: QueueOwner,
    /// Agent that gets the message, or that wrote it; `None` if no agent wrote it.
    pub agent: Option<AgentId>,
    /// What is delivered.
    pub item: DeliveryItem,
    /// How far the delivery is.
    pub state: DeliveryState,
    /// The finished attempts, oldest first.
    pub attempts: Vec<Attempt>,
    /// How many of the attempts were made before the delivery was last replayed.
    pub earlier_attempts: usize,
    /// When the next attempt is due, unless an earlier delivery of its queue is not final then. `None` while an
    /// attempt is running, and when the state is final.
    pub next_attempt_at: Option<Timestamp>,
    /// When the delivery was created.
    pub created_at: Timestamp,
}

impl Delivery {
    /// The delivery of a received message; `None` if it has none.
    pub fn of_message(message: &ReceivedMessage) -> Option<Self> {
        let NewDelivery { id, conversation, .. } = message.delivery.clone()?;
        Some(Self {
            id,
            organization: message.organization.clone(),
            account: message.account,
            owner: QueueOwner::Conversation(conversation),
            agent: message.agent.clone(),
            item: DeliveryItem::Received(message.inbound.message),
            state: DeliveryState::Pending,
            attempts: Vec::new(),
            earlier_attempts: 0,
            next_attempt_at: None,
            created_at: message.received_at,
        })
    }

    /// The record of an outgoing message that Twilio accepted at this time; `None` if its SID is not known. The text stays in
    /// the delivery.
    pub fn sent_message(&self, progress: SendProgress, at: Timestamp) -> Option<MessageRecord> {
        let DeliveryItem::Outgoing(outgoing) = &self.item else { return None };
        Some(MessageRecord {
            account: self.account,
            message: progress.sid?,
            organization: self.organization.clone(),
            direction: Direction::Outbound,
            from: Some(outgoing.from.clone()),
            to: Some(outgoing.to.clone()),
            body: None,
            parameters: None,
            agent: self.agent.clone(),
            rule: None,
            reason: None,
            verified_by: None,
            status: MessageStatus::Queued,
            error_code: None,
            first_seen_at: at,
        })
    }

    /// Whether it is not known if the contact has the message.
    pub fn may_have_arrived(&self) -> bool {
        let DeliveryItem::Outgoing(outgoing) = &self.item else { return false };
        outgoing.progress.state == SendState::Unknown
    }

    /// How many attempts have failed since the delivery was created or last replayed, which decides the next wait.
    pub fn failures(&self) -> usize {
        let attempts = self.attempts.iter().skip(self.earlier_attempts);
        attempts.filter(|attempt| attempt.outcome.is_failure()).count()
    }

    /// Whether it is too late to attempt the delivery, although attempts are left: while its target is down, others are
    /// attempted first. A delivery that somebody replays is never too late.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.earlier_attempts == 0 && self.created_at.plus_seconds(MAX_AGE_SECONDS) < now
    }

    /// What the delivery takes capacity of.
    pub fn target(&self) -> DeliveryTarget {
        match (&self.owner, &self.item, &self.agent) {
            (QueueOwner::Subscription(id), ..) => DeliveryTarget::Subscription(id.clone()),
            (_, DeliveryItem::Received(_), Some(agent)) => DeliveryTarget::Agent(agent.clone()),
            (QueueOwner::Conversation(_), ..) => DeliveryTarget::Account(self.account),
        }
    }

    /// The conversation; `None` for an event.
    pub const fn conversation(&self) -> Option<&ConversationId> {
        match &self.owner {
            QueueOwner::Conversation(id) => Some(id),
            QueueOwner::Subscription(_) => None,
        }
    }

    /// The stored name of its queue.
    pub fn queue(&self) -> String {
        format!("{}/{}", self.owner, self.item.lane())
    }
}

/// What is delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::large_enum_variant,
    reason = "there are few deliveries in memory at a time, and most are not outgoing"
)]
pub enum DeliveryItem {
    /// An inbound message, to the endpoint of an agent.
    Received(MessageSid),
    /// A message to a contact, to Twilio.
    Outgoing(Outgoing),
    /// An event, to the endpoint of a subscription.
    Event(EventItem),
}

/// An event that is delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventItem {
    /// The event; its id is the `webhook-id` of all attempts.
    pub event: EventId,
    /// Its type.
    pub kind: EventKind,
    /// Which queue of the subscription it is in.
    pub lane: EventLane,
}

impl DeliveryItem {
    /// Stable name of the kind, used in SQL and JSON.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Received(_) => "message.received",
            Self::Outgoing(_) => "message.send",
            Self::Event(_) => "event",
        }
    }

    /// The inbound message that is delivered or answered; `None` for an event, and for a message that answers none.
    pub const fn message(&self) -> Option<MessageSid> {
        match self {
            Self::Received(message) => Some(*message),
            Self::Outgoing(outgoing) => outgoing.in_reply_to,
            Self::Event(_) => None,
        }
    }

    /// Separates the queues of an owner. The two directions of a conversation keep their own order, so an endpoint that is down
    /// delays no outgoing message.
    pub const fn lane(&self) -> &'static str {
        match self {
            Self::Received(_) => "in",
            Self::Outgoing(_) => "out",
            Self::Event(item) => item.lane.as_str(),
        }
    }
}

/// What follows an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Nothing: the target accepted the delivery.
    Delivered,
    /// Another attempt after this time.
    Retry(Duration),
    /// Nothing: the delivery becomes a dead letter.
    Dead,
    /// Nothing: the contact wants no messages.
    Canceled,
}

/// What is recorded when an attempt ends, in one transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttemptResult {
    /// The delivery that was attempted.
    pub delivery: DeliveryId,
    /// What happened.
    pub attempt: Attempt,
    /// The URL that was called. The agent or subscription can have another one when the result is recorded. `None` if none was
    /// called, or if it does not matter which.
    pub endpoint: Option<WebUrl>,
    /// What follows.
    pub next: Next,
    /// What is known now about an outgoing message at Twilio; `None` for an inbound message and for an event.
    pub progress: Option<SendProgress>,
    /// The messages to send because of it, in this order.
    pub replies: Vec<(DeliveryId, Outgoing)>,
}

impl AttemptResult {
    /// The result if another outgoing message has the SID that this one was found under: it is not known then what became of
    /// this one, so it is not sent again.
    #[must_use]
    pub fn of_foreign_sid(&self) -> Self {
        let detail = "Twilio's message belongs to another delivery";
        let attempt = Attempt {
            outcome: AttemptOutcome::OutcomeUnknown,
            detail: Some(AttemptDetail::new(detail)),
            ..self.attempt.clone()
        };
        let progress = Some(SendProgress::without_sid(SendState::Unknown));
        Self { attempt, next: Next::Dead, progress, ..self.clone() }
    }

    /// The deliveries of the replies, in the conversation of the delivery that is answered.
    pub fn reply_deliveries(&self, answered: &Delivery) -> impl Iterator<Item = Delivery> {
        self.replies.iter().map(|(id, outgoing)| Delivery {
            id: id.clone(),
            item: DeliveryItem::Outgoing(outgoing.clone()),
            state: DeliveryState::Pending,
            attempts: Vec::new(),
            earlier_attempts: 0,
            next_attempt_at: None,
            created_at: self.attempt.at,
            ..answered.clone()
        })
    }
}
