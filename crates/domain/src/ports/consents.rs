use async_trait::async_trait;

use super::StoreError;
use crate::consent::Consent;
use crate::delivery::ConversationKey;
use crate::identifier::OrganizationId;

/// Stores which contacts want messages from which numbers and senders. Laws: `switchboard_contract::consents`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ConsentStore: Send + Sync {
    /// Stores a change, durably. It stands if it [supersedes](Consent::supersedes) the stored one; otherwise nothing
    /// changes, so that repeated and late changes have no effect.
    async fn record(&self, consent: &Consent) -> Result<(), StoreError>;

    /// Returns the last change of a contact's consent.
    async fn find(
        &self,
        organization: &OrganizationId,
        key: &ConversationKey,
    ) -> Result<Option<Consent>, StoreError>;
}
