//! The stored deliveries: messages to contacts, the queue of the workers, and what operators look up.

use std::time::Duration;

use async_trait::async_trait;

use super::{Insertion, LeaseHolder, Page, StoreError};
use crate::delivery::{AttemptResult, Busy, Delivery, DeliveryState, IdempotencyKey, QueueOwner};
use crate::history::Period;
use crate::identifier::{AgentId, ConversationId, DeliveryId, OrganizationId, SubscriptionId};
use crate::organization::Scope;
use crate::sid::{AccountSid, MessageSid};
use crate::time::Timestamp;

/// The place of a delivery in a list: when it was created, and its id.
pub type DeliveryPlace = (Timestamp, DeliveryId);

/// Which deliveries are looked up. What is `None` restricts nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeliveryFilter {
    /// When the delivery was created.
    pub period: Period,
    /// Only deliveries in this state.
    pub state: Option<DeliveryState>,
    /// Only deliveries to or from this agent.
    pub agent: Option<AgentId>,
    /// The inbound message that is delivered or answered.
    pub message: Option<MessageSid>,
    /// Only deliveries of this conversation.
    pub conversation: Option<ConversationId>,
    /// Only deliveries of events to this subscription.
    pub subscription: Option<SubscriptionId>,
    /// The account of the message or event.
    pub account: Option<AccountSid>,
}

impl DeliveryFilter {
    /// Whether nothing but a period restricts the list.
    pub fn has_period_only(&self) -> bool {
        *self == Self { period: self.period, ..Self::default() }
    }

    /// Whether a delivery is meant.
    pub fn selects(&self, delivery: &Delivery) -> bool {
        self.period.contains(delivery.created_at)
            && self.state.is_none_or(|state| state == delivery.state)
            && self.agent.as_ref().is_none_or(|agent| Some(agent) == delivery.agent.as_ref())
            && self.message.is_none_or(|message| Some(message) == delivery.item.message())
            && self.conversation.as_ref().is_none_or(|id| Some(id) == delivery.conversation())
            && self.subscription.as_ref().is_none_or(
                |id| matches!(&delivery.owner, QueueOwner::Subscription(of) if of == id),
            )
            && self.account.is_none_or(|account| account == delivery.account)
    }
}

/// Whether a result was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Recorded {
    /// The result is recorded.
    Recorded,
    /// The result is recorded. Its offered replies are planned instead, because an earlier message of the conversation is
    /// still to be sent, which they must not overtake; or no replies are added, because the contact was erased.
    Queued,
    /// The lease has expired and another holder may have it, so nothing changed.
    LeaseLost,
}

/// What became of replies in an answer to a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfferOutcome {
    /// The answer was sent.
    Answered,
    /// The answer was not sent, so the replies are sent by other means.
    Withdrawn,
}

/// Stores messages to contacts, and what becomes known about them outside of attempts.
/// Laws: `switchboard_contract::sends`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait OutgoingStore: Send + Sync {
    /// Adds an outgoing message, due at once. A reply whose key is taken for its message MUST NOT be added, and neither a
    /// message that answers none and whose key is taken in its organization, nor a reply to a contact who was erased.
    async fn add(&self, delivery: &Delivery) -> Result<Insertion, StoreError>;

    /// Returns the outgoing message of an organization that answers none and has this key.
    async fn find_by_key(
        &self,
        organization: &OrganizationId,
        key: &IdempotencyKey,
    ) -> Result<Option<Delivery>, StoreError>;

    /// Settles the offered replies to a message: they are delivered, or planned and due at once.
    async fn settle_offer(
        &self,
        account: AccountSid,
        message: MessageSid,
        outcome: OfferOutcome,
    ) -> Result<(), StoreError>;

    /// Records that Twilio has an outgoing message under this SID, as its status callback says at this time. The message becomes
    /// a record of the message store, as when the result of an attempt is recorded, and the delivery becomes
    /// `delivered`, unless an attempt is running, whose result then counts as sent. Another message of the account
    /// that a look-up gave the SID to loses it, and becomes `dead` with an unknown outcome. Does nothing if the message has a SID
    /// already, or if the account has no such outgoing message.
    async fn confirm_sent(
        &self,
        account: AccountSid,
        delivery: &DeliveryId,
        sid: MessageSid,
        at: Timestamp,
    ) -> Result<(), StoreError>;
}

/// Hands deliveries to workers. The deliveries of one direction of a conversation form a queue, and so do the events about
/// some subjects for a subscription: only the first that is not final is attempted. A worker leases a queue, by the clock of the
/// store.
/// Laws: `switchboard_contract::delivery_queue`, and `outgoing` for the records of sent messages.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait DeliveryQueue: Send + Sync {
    /// Leases at most `limit` queues whose first delivery is due, longest due first, and returns these deliveries. They
    /// become `delivering`. A queue whose newest delivery has a busy target or organization is left out, unless it has been
    /// due for two days. A first delivery that cannot be read MUST become `dead`, so that those after it are delivered; one with a word
    /// that a newer release may have written MUST be left to that for two days. The returned outgoing messages have the progress from before; a planned or offered one
    /// MUST be stored as unknown, because Twilio may get it before its result is recorded. Concurrent calls MUST NOT return the
    /// deliveries of one queue.
    async fn claim(
        &self,
        holder: &LeaseHolder,
        lease: Duration,
        limit: u32,
        busy: &Busy,
    ) -> Result<Vec<Delivery>, StoreError>;

    /// Extends the holder's leases of the queues of these deliveries, and returns the deliveries whose queues it has leased
    /// again. The other leases were lost or expire; those of other holders MUST NOT be extended.
    async fn renew(
        &self,
        holder: &LeaseHolder,
        lease: Duration,
        deliveries: &[DeliveryId],
    ) -> Result<Vec<DeliveryId>, StoreError>;

    /// Records the results of attempts, adds their replies, and releases their queues, in one transaction. Returns what
    /// happened to each, in their order. MUST change nothing for a delivery whose lease the holder does not have. A result whose SID another message of the
    /// account has is recorded as [`AttemptResult::of_foreign_sid`]. A message that was confirmed meanwhile is delivered, whatever the result says.
    /// A message whose SID at Twilio is known becomes a record of the message store, with its agent and without its text, in
    /// the same transaction. Replies in the state `offered` are due 20 seconds later (Twilio waits 15 seconds for an answer), others at once. While
    /// an earlier outgoing message of the conversation is still to be sent (neither final nor offered itself), offered replies
    /// MUST be stored as planned. A
    /// reply whose key is taken for its message MUST NOT be added, and neither one to a contact who was erased meanwhile. A
    /// subscription whose endpoint is gone MUST be disabled in the
    /// same transaction, and the message target of an agent that is gone MUST be remembered.
    async fn record(
        &self,
        holder: &LeaseHolder,
        results: &[AttemptResult],
    ) -> Result<Vec<Recorded>, StoreError>;

    /// Ends the leases of claimed deliveries without an attempt. Each is due after its time, in the state in which it was
    /// claimed. MUST leave those alone whose lease the holder does not have.
    async fn postpone(
        &self,
        holder: &LeaseHolder,
        deliveries: &[(Delivery, Duration)],
    ) -> Result<(), StoreError>;

    /// Waits until another process may have made a delivery due. A store that other processes do not notify waits forever, and
    /// workers find such deliveries when they poll. It MAY return without reason, but MUST NOT do so at once each time.
    async fn due_elsewhere(&self);
}

/// Looks up deliveries, and replays dead ones.
/// Laws: `switchboard_contract::delivery_history`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait DeliveryHistory: Send + Sync {
    /// Returns the delivery, if the scope covers it.
    async fn find(&self, scope: &Scope, id: &DeliveryId) -> Result<Option<Delivery>, StoreError>;

    /// Lists the deliveries that the scope covers and the filter selects, newest first.
    async fn newest(
        &self,
        scope: &Scope,
        filter: &DeliveryFilter,
        page: &Page<DeliveryPlace>,
    ) -> Result<Vec<Delivery>, StoreError>;

    /// Returns the delivery of each of these messages of an account, if the scope covers it: of an inbound message, the
    /// one to its agent; of an outbound one, the one that sent it.
    async fn of_messages(
        &self,
        scope: &Scope,
        account: AccountSid,
        messages: &[MessageSid],
    ) -> Result<Vec<Delivery>, StoreError>;

    /// Returns the outgoing messages of a conversation that were added last, oldest first: at most `limit`.
    async fn latest_outgoing(
        &self,
        scope: &Scope,
        conversation: &ConversationId,
        limit: u32,
    ) -> Result<Vec<Delivery>, StoreError>;

    /// Makes a dead delivery pending and due at once. A message that Twilio refused is planned again; one whose outcome is
    /// unknown stays so. Its attempts so far do not count as failures any more. MUST return `Missing` if the scope does not cover it or it is not
    /// dead.
    async fn replay(&self, scope: &Scope, id: &DeliveryId) -> Result<(), StoreError>;
}
