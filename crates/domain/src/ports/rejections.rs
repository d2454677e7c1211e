use async_trait::async_trait;

use super::{Page, StoreError};
use crate::identifier::RejectionId;
use crate::organization::Scope;
use crate::rejection::Rejection;

/// Keeps refused requests for operators. Laws: `switchboard_contract::rejections`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait RejectionStore: Send + Sync {
    /// Keeps all of them or none.
    async fn record(&self, rejections: &[Rejection]) -> Result<(), StoreError>;

    /// The rejections that the scope covers, in the order of their ids. Those of unknown accounts belong
    /// to nobody and are for the operator alone.
    async fn list(
        &self,
        scope: &Scope,
        page: &Page<RejectionId>,
    ) -> Result<Vec<Rejection>, StoreError>;
}
