//! The stored messages.

use async_trait::async_trait;

use super::{Page, StoreError};
use crate::address::Address;
use crate::identifier::OrganizationId;
use crate::message::{MessageRecord, ReceivedMessage};
use crate::organization::Scope;
use crate::sid::{AccountSid, MessageSid};
use crate::status::MessageProgress;

/// Whether a message was stored or is a duplicate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Insertion {
    /// The message was not known and is stored now.
    Inserted,
    /// The message was stored before; nothing changed.
    Duplicate,
}

/// Stores messages. Laws: `switchboard_contract::messages`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait MessageStore: Send + Sync {
    /// Stores an inbound message. When this returns `Ok`, the message MUST be durable: it survives
    /// a crash of the process and a loss of power. Messages are deduplicated by account and SID,
    /// including concurrent ones. The message's delivery MUST be added in the same transaction, and so MUST the
    /// conversation that it begins. If the contact has another conversation by then, the delivery belongs to that one.
    async fn insert_once(&self, message: &ReceivedMessage) -> Result<Insertion, StoreError>;

    /// Merges a status event of a message, which may be unknown to this server. MUST be as durable
    /// as `insert_once`. A late or repeated status MUST NOT change the state back or change the
    /// error code. An address that is not known yet is added, and the earliest time is kept.
    async fn progress(&self, progress: &MessageProgress) -> Result<(), StoreError>;

    /// Returns the record of a message, if the scope covers it.
    async fn find(
        &self,
        scope: &Scope,
        account: AccountSid,
        message: MessageSid,
    ) -> Result<Option<MessageRecord>, StoreError>;

    /// Returns the latest messages with a body that the contact sent to one of `ours`, oldest
    /// first: at most `limit`. The addresses of `contact` belong to one person on several channels.
    async fn latest_of_contact(
        &self,
        organization: &OrganizationId,
        contact: &[Address],
        ours: &[Address],
        limit: u32,
    ) -> Result<Vec<MessageRecord>, StoreError>;

    /// Lists the messages that the scope covers, ordered by account and SID.
    async fn list(
        &self,
        scope: &Scope,
        page: &Page<(AccountSid, MessageSid)>,
    ) -> Result<Vec<MessageRecord>, StoreError>;
}
