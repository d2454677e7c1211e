//! Organizations.

use async_trait::async_trait;
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::organization::{Organization, Scope};
use switchboard_domain::ports::{OrganizationStore, Page, StoreError};

use crate::MemoryStore;
use crate::state::page_of;

#[async_trait]
impl OrganizationStore for MemoryStore {
    async fn find(
        &self,
        scope: &Scope,
        id: &OrganizationId,
    ) -> Result<Option<Organization>, StoreError> {
        let all = &self.enter("organization.find").await?.organizations;
        Ok(all.get(id).filter(|_| scope.covers(id)).cloned())
    }

    async fn list(
        &self,
        scope: &Scope,
        page: &Page<OrganizationId>,
    ) -> Result<Vec<Organization>, StoreError> {
        let all = &self.enter("organization.list").await?.organizations;
        Ok(page_of(all, page, |organization| scope.covers(&organization.id)))
    }
}
