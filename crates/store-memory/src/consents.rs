//! The consent of contacts.

use async_trait::async_trait;
use switchboard_domain::consent::Consent;
use switchboard_domain::delivery::ConversationKey;
use switchboard_domain::event::event_of_consent;
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{ConsentFilter, ConsentPlace, ConsentStore, Page, StoreError};

use crate::MemoryStore;
use crate::state::State;

impl State {
    /// Records a change of consent, unless a later one is stored.
    pub(crate) fn record_consent(&mut self, consent: &Consent) {
        let key = (consent.organization.clone(), consent.key.clone());
        if self.consents.get(&key).is_none_or(|stored| consent.supersedes(stored)) {
            let before = self.consents.insert(key, consent.clone());
            self.add_events(event_of_consent(consent, before.map(|before| before.state)));
        }
    }
}

#[async_trait]
impl ConsentStore for MemoryStore {
    async fn record(&self, consent: &Consent) -> Result<(), StoreError> {
        self.enter("consent.record").await?.record_consent(consent);
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

    async fn list(
        &self,
        scope: &Scope,
        filter: &ConsentFilter,
        page: &Page<ConsentPlace>,
    ) -> Result<Vec<Consent>, StoreError> {
        let state = self.enter("consent.list").await?;
        let selected = state.consents.iter().filter(|(place, consent)| {
            scope.covers(&consent.organization)
                && filter.selects(consent)
                && page.after.as_ref().is_none_or(|after| *place > after)
        });
        let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
        Ok(selected.take(limit).map(|(_, consent)| consent.clone()).collect())
    }
}
