//! The chain of the audit log.

use switchboard_domain::audit::{
    Action, AuditEntry, AuditRecord, Author, ChainHead, Difference, ObjectRef,
};
use switchboard_domain::identifier::OrganizationId;

/// The chain of entries, oldest first.
#[derive(Debug)]
pub(crate) struct AuditLog {
    pub(crate) entries: Vec<AuditEntry>,
    pub(crate) head: ChainHead,
}

impl Default for AuditLog {
    fn default() -> Self {
        Self { entries: Vec::new(), head: ChainHead::START }
    }
}

impl AuditLog {
    /// Adds an entry to the end of the chain.
    pub(crate) fn append(
        &mut self,
        author: &Author,
        owner: Option<OrganizationId>,
        what: (Action, ObjectRef),
        difference: Difference,
    ) {
        let record = AuditRecord::new(author, owner, what, difference);
        let newest = self.head.newest + 1;
        let entry = AuditEntry::chained(newest, record, self.head.hash);
        self.head = ChainHead { newest, hash: entry.hash, ..self.head };
        self.entries.push(entry);
    }
}
