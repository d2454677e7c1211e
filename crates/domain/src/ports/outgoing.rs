//! The stored messages to contacts.

use async_trait::async_trait;

use super::{Insertion, StoreError};
use crate::delivery::{Delivery, IdempotencyKey};
use crate::identifier::{DeliveryId, OrganizationId};
use crate::sid::{AccountSid, MessageSid};
use crate::time::Timestamp;

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
