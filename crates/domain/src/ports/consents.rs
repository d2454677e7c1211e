//! The stored consent of contacts to messages.

use async_trait::async_trait;

use super::{Page, StoreError};
use crate::consent::Consent;
use crate::delivery::ConversationKey;
use crate::identifier::OrganizationId;
use crate::organization::Scope;

/// Which changes of consent are listed. What is `None` restricts nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConsentFilter {
    /// The number or sender, as in [`ConversationKey::sender`].
    pub sender: Option<String>,
    /// The contact, as in [`ConversationKey::contact`].
    pub contact: Option<String>,
}

impl ConsentFilter {
    /// Whether a change is meant.
    pub fn selects(&self, consent: &Consent) -> bool {
        let key = &consent.key;
        self.sender.as_deref().is_none_or(|sender| sender == key.sender())
            && self.contact.as_deref().is_none_or(|contact| contact == key.contact())
    }
}

/// The place of a change of consent in a list.
pub type ConsentPlace = (OrganizationId, ConversationKey);

/// Stores which contacts want messages from which numbers and senders. Laws: `switchboard_contract::consents`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ConsentStore: Send + Sync {
    /// Stores a change, durably. It MUST stand if it [supersedes](Consent::supersedes) the stored one; otherwise nothing
    /// MUST change, so that repeated and late changes have no effect.
    async fn record(&self, consent: &Consent) -> Result<(), StoreError>;

    /// Returns the last change of a contact's consent.
    async fn find(
        &self,
        organization: &OrganizationId,
        key: &ConversationKey,
    ) -> Result<Option<Consent>, StoreError>;

    /// Lists the last change of the consent of each contact that the scope covers and the filter selects, ordered by
    /// organization, sender and contact.
    async fn list(
        &self,
        scope: &Scope,
        filter: &ConsentFilter,
        page: &Page<ConsentPlace>,
    ) -> Result<Vec<Consent>, StoreError>;
}
