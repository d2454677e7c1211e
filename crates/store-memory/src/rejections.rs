//! Refused requests.

use async_trait::async_trait;
use switchboard_domain::identifier::RejectionId;
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{Page, RejectionStore, StoreError};
use switchboard_domain::rejection::Rejection;

use crate::MemoryStore;
use crate::pages::page_of;

#[async_trait]
impl RejectionStore for MemoryStore {
    async fn record(&self, rejections: &[Rejection]) -> Result<(), StoreError> {
        let mut state = self.enter("rejection.record").await?;
        for rejection in rejections {
            // One that is there already was reported again by a writer that got no answer.
            state.rejections.entry(rejection.id.clone()).or_insert_with(|| rejection.clone());
        }
        Ok(())
    }

    async fn list(
        &self,
        scope: &Scope,
        page: &Page<RejectionId>,
    ) -> Result<Vec<Rejection>, StoreError> {
        Ok(page_of(&self.enter("rejection.list").await?.rejections, page, |rejection| {
            match &rejection.organization {
                Some(owner) => scope.covers(owner),
                None => *scope == Scope::Operator,
            }
        }))
    }
}
