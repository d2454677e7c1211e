//! The chain of the audit log.

use switchboard_domain::audit::{
    Action, AuditEntry, AuditRecord, Author, ChainHead, Difference, ObjectRef,
};
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::time::Timestamp;

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
    /// The number of the oldest entries before the first one that is not older.
    pub(crate) fn count_older(&self, before: Timestamp) -> usize {
        self.entries.iter().take_while(|entry| entry.record.at < before).count()
    }

    /// Deletes the oldest of them, and returns how many.
    pub(crate) fn delete_older(&mut self, before: Timestamp, limit: u32) -> u32 {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let count = self.count_older(before).min(limit);
        if let Some(last) = self.entries.drain(..count).next_back() {
            self.head.pruned = last.sequence;
        }
        u32::try_from(count).unwrap_or(u32::MAX)
    }

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
