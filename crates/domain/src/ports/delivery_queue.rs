//! The queue of the workers that attempt deliveries.

use std::time::Duration;

use async_trait::async_trait;

use super::{LeaseHolder, StoreError};
use crate::delivery::{AttemptResult, Busy, Delivery};
use crate::identifier::DeliveryId;

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
