use async_trait::async_trait;

use super::{Page, StoreError};
use crate::identifier::OrganizationId;
use crate::organization::{Organization, Scope};

/// Stores organizations. An organization's scope covers itself. Laws: `switchboard_contract::organizations`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait OrganizationStore: Send + Sync {
    /// Returns the organization, if the scope covers it.
    async fn find(
        &self,
        scope: &Scope,
        id: &OrganizationId,
    ) -> Result<Option<Organization>, StoreError>;

    /// Lists the organizations that the scope covers, ordered by id.
    async fn list(
        &self,
        scope: &Scope,
        page: &Page<OrganizationId>,
    ) -> Result<Vec<Organization>, StoreError>;
}
