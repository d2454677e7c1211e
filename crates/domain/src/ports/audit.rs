//! The stored audit log.

use async_trait::async_trait;

use super::{Page, StoreError};
use crate::audit::{AuditEntry, AuditFilter, ChainHead};
use crate::organization::Scope;

/// Reads the audit log. Entries are added by the methods of other ports that change the configuration: each MUST record its change
/// in the same transaction, once, and nothing if it fails or changes nothing. Laws: `switchboard_contract::audit`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait AuditStore: Send + Sync {
    /// Lists the entries that the scope covers and the filter selects, newest first, below the sequence number of the page. Only
    /// the operator's scope covers entries without an organization.
    async fn newest(
        &self,
        scope: &Scope,
        filter: &AuditFilter,
        page: &Page<u64>,
    ) -> Result<Vec<AuditEntry>, StoreError>;

    /// Returns both ends of the chain.
    async fn head(&self) -> Result<ChainHead, StoreError>;

    /// Lists all entries, oldest first, for the verification of the chain. MUST fail for an entry that cannot be read.
    async fn chain(&self, page: &Page<u64>) -> Result<Vec<AuditEntry>, StoreError>;
}
