//! The erasure of a contact from all records.

use async_trait::async_trait;

use super::StoreError;
use crate::address::Address;
use crate::erasure::{Contact, ErasureCounts, Mention};
use crate::organization::Scope;

/// Erases contacts from records. Laws: `switchboard_contract::erasure`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ErasureStore: Send + Sync {
    /// Returns the SIP addresses whose user is the contact's phone number, from the calls and
    /// messages that the scope covers, in any order. This may read all records, so call it once for
    /// each erasure.
    async fn sip_addresses(
        &self,
        scope: &Scope,
        contact: &Contact,
    ) -> Result<Vec<Address>, StoreError>;

    /// Returns the addresses that are linked with those of the contact in what the scope covers: the user ids of its number, or
    /// the numbers of its user id.
    async fn linked_addresses(
        &self,
        scope: &Scope,
        contact: &Contact,
    ) -> Result<Vec<Address>, StoreError>;

    /// Counts the records and list entries that the scope covers and that contain the contact.
    async fn count_contact(
        &self,
        scope: &Scope,
        contact: &Contact,
    ) -> Result<ErasureCounts, StoreError>;

    /// Returns the places that contain the contact and that [`erase_contact`](Self::erase_contact)
    /// does not change, in order.
    async fn mentions(&self, scope: &Scope, contact: &Contact) -> Result<Vec<Mention>, StoreError>;

    /// Erases the contact, in one short transaction, from at most `limit` calls and `limit`
    /// messages that the scope covers, from all deliveries to it, and from number lists with other
    /// entries, and removes its conversations. Returns how many records and entries were changed. If
    /// there were none, the erasure is complete.
    ///
    /// The record itself is kept. Its address becomes
    /// [`Address::Erased`](crate::address::Address::Erased), what Twilio reported about the caller
    /// is deleted, and a message loses its text and parameters. Later requests about the same call
    /// or message MUST NOT restore the erased data. A change of a list MUST be recorded in the
    /// change log as [`Change::Everything`](super::Change::Everything).
    async fn erase_contact(
        &self,
        scope: &Scope,
        contact: &Contact,
        limit: u32,
    ) -> Result<ErasureCounts, StoreError>;

    /// Overwrites erased data in the database files, as far as the database supports this.
    async fn overwrite_erased(&self) -> Result<(), StoreError>;
}
