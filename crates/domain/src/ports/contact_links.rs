//! The numbers of contacts who are also known by a user id.

use async_trait::async_trait;

use super::StoreError;
use crate::address::Address;
use crate::identifier::OrganizationId;
use crate::phone_number::PhoneNumber;
use crate::time::Timestamp;

/// Stores which number a contact has who is also known by a user id. Laws: `switchboard_contract::conversations`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ContactLinkStore: Send + Sync {
    /// Stores, durably, which number a contact has who is also known by a `WhatsApp` user id
    /// ([`linked_user`](crate::contact_link::linked_user)). The latest number MUST stand. What the contact consented to by the
    /// user id MUST be recorded as consent of the number, too, unless a later change of that is stored
    /// ([`Consent::of_number`](crate::consent::Consent::of_number)).
    async fn link(
        &self,
        organization: &OrganizationId,
        user: &Address,
        number: PhoneNumber,
        at: Timestamp,
    ) -> Result<(), StoreError>;

    /// Returns the number of a contact whom the organization knows by this user id.
    async fn number_of(
        &self,
        organization: &OrganizationId,
        user: &Address,
    ) -> Result<Option<PhoneNumber>, StoreError>;
}
