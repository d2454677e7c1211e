//! The stored rejections of requests.

use async_trait::async_trait;

use super::{Page, StoreError};
use crate::identifier::RejectionId;
use crate::organization::Scope;
use crate::rejection::Rejection;

/// Stores rejections of requests for operators. Laws: `switchboard_contract::rejections`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait RejectionStore: Send + Sync {
    /// Stores rejections. MUST store all of them or none.
    async fn record(&self, rejections: &[Rejection]) -> Result<(), StoreError>;

    /// Lists the rejections that the scope covers, ordered by id. Rejections of unknown
    /// accounts MUST be listed for the operator only, because these accounts belong to no organization.
    async fn list(
        &self,
        scope: &Scope,
        page: &Page<RejectionId>,
    ) -> Result<Vec<Rejection>, StoreError>;
}
