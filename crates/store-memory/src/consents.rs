//! The consent of contacts.

use async_trait::async_trait;
use switchboard_domain::consent::Consent;
use switchboard_domain::delivery::ConversationKey;
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::ports::{ConsentStore, StoreError};

use crate::MemoryStore;

#[async_trait]
impl ConsentStore for MemoryStore {
    async fn record(&self, consent: &Consent) -> Result<(), StoreError> {
        let key = (consent.organization.clone(), consent.key.clone());
        let mut state = self.enter("consent.record").await?;
        if state.consents.get(&key).is_none_or(|stored| consent.supersedes(stored)) {
            state.consents.insert(key, consent.clone());
        }
        Ok(())
    }

    async fn find(
        &self,
        organization: &OrganizationId,
        key: &ConversationKey,
    ) -> Result<Option<Consent>, StoreError> {
        let state = self.enter("consent.find").await?;
        Ok(state.consents.get(&(organization.clone(), key.clone())).cloned())
    }
}
