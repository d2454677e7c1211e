use async_trait::async_trait;

use super::{Page, StoreError};
use crate::address::Address;
use crate::identifier::OrganizationId;
use crate::message::{MessageRecord, ReceivedMessage};
use crate::organization::Scope;
use crate::sid::{AccountSid, MessageSid};
use crate::status::MessageProgress;

/// Whether a message was stored, or was a duplicate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Insertion {
    /// It is new, and stored now.
    Inserted,
    /// It was stored before; nothing changed.
    Duplicate,
}

/// Stores messages. Laws: `switchboard_contract::messages`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait MessageStore: Send + Sync {
    /// Inserts an inbound message. When this returns `Ok`, the message MUST be durable: it survives the loss of the
    /// process and of power. Messages are deduplicated by account and SID, also concurrent ones.
    async fn insert_once(&self, message: &ReceivedMessage) -> Result<Insertion, StoreError>;

    /// Merges a status event of a message, which may be one that we never saw. As durable as `insert_once`; a
    /// status that comes late or again MUST NOT move a message back, nor change its error code. An
    /// address that is not known yet is filled in, and the earliest time stands.
    async fn progress(&self, progress: &MessageProgress) -> Result<(), StoreError>;

    /// The message, if the scope covers it.
    async fn find(
        &self,
        scope: &Scope,
        account: AccountSid,
        message: MessageSid,
    ) -> Result<Option<MessageRecord>, StoreError>;

    /// The latest messages that the contact sent to one of `ours`, oldest first: at most `limit`, each of which has a
    /// body. The addresses of a contact are those of one person, on several channels.
    async fn latest_of_contact(
        &self,
        organization: &OrganizationId,
        contact: &[Address],
        ours: &[Address],
        limit: u32,
    ) -> Result<Vec<MessageRecord>, StoreError>;

    /// The messages that the scope covers, in the order of account and SID.
    async fn list(
        &self,
        scope: &Scope,
        page: &Page<(AccountSid, MessageSid)>,
    ) -> Result<Vec<MessageRecord>, StoreError>;
}
