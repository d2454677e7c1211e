use async_trait::async_trait;

use super::StoreError;
use crate::address::Address;
use crate::erasure::{Contact, ErasureCounts, Mention};
use crate::organization::Scope;

/// Erases contacts. Laws: `switchboard_contract::erasure`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ErasureStore: Send + Sync {
    /// The SIP addresses in calls and messages that the scope covers whose user is the contact's phone number, in any
    /// order. This may read everything, so it is asked once.
    async fn sip_addresses(
        &self,
        scope: &Scope,
        contact: &Contact,
    ) -> Result<Vec<Address>, StoreError>;

    /// How much that the scope covers names the contact.
    async fn count_contact(
        &self,
        scope: &Scope,
        contact: &Contact,
    ) -> Result<ErasureCounts, StoreError>;

    /// What names the contact and is not erased by [`erase_contact`](Self::erase_contact), in order.
    async fn mentions(&self, scope: &Scope, contact: &Contact) -> Result<Vec<Mention>, StoreError>;

    /// Erases the contact from at most `limit` calls and as many messages that the scope covers, and from number lists
    /// that have other entries, in one short transaction. Returns how many were erased; nothing remains if that is
    /// nothing.
    ///
    /// A record keeps what is not about the person. Its address becomes [`Address::Erased`](crate::address::Address::Erased),
    /// what was reported about the caller is forgotten, and a message loses its text and parameters. Requests that arrive
    /// later about the same call or message MUST NOT bring any of it back. The entries of lists are told as
    /// [`Change::Everything`](super::Change::Everything).
    async fn erase_contact(
        &self,
        scope: &Scope,
        contact: &Contact,
        limit: u32,
    ) -> Result<ErasureCounts, StoreError>;

    /// Overwrites what was erased in the files of the database, as far as the database does so.
    async fn overwrite_erased(&self) -> Result<(), StoreError>;
}
