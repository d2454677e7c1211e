//! The audit log, as it is read.

use async_trait::async_trait;
use switchboard_domain::audit::{AuditEntry, AuditFilter, ChainHead};
use switchboard_domain::organization::Scope;
use switchboard_domain::ports::{AuditStore, Page, StoreError};

use crate::MemoryStore;

#[async_trait]
impl AuditStore for MemoryStore {
    async fn newest(
        &self,
        scope: &Scope,
        filter: &AuditFilter,
        page: &Page<u64>,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        let state = self.enter("audit.newest").await?;
        let is_covered = |entry: &&AuditEntry| match (scope, &entry.record.organization) {
            (Scope::Operator, _) => true,
            (Scope::Organization(own), owner) => owner.as_ref() == Some(own),
        };
        let newest = state.audit.entries.iter().rev();
        let newest = newest.filter(|entry| page.after.is_none_or(|after| entry.sequence < after));
        let meant = newest.filter(is_covered).filter(|entry| filter.selects(entry));
        Ok(meant.take(page.limit as usize).cloned().collect())
    }

    async fn head(&self) -> Result<ChainHead, StoreError> {
        Ok(self.enter("audit.head").await?.audit.head)
    }

    async fn chain(&self, page: &Page<u64>) -> Result<Vec<AuditEntry>, StoreError> {
        let state = self.enter("audit.chain").await?;
        let oldest = state.audit.entries.iter();
        let oldest = oldest.filter(|entry| page.after.is_none_or(|after| entry.sequence > after));
        Ok(oldest.take(page.limit as usize).cloned().collect())
    }
}
