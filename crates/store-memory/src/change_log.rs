//! The change log, whose length is limited.

use std::collections::VecDeque;

use switchboard_domain::ports::{Change, ChangeVersion, Changes};

/// The number of stored changes. A reader whose version is older reads everything again.
const MAX_CHANGES: usize = 10_000;

/// The last changes, one for each version.
#[derive(Debug, Default)]
pub(crate) struct ChangeLog {
    version: u64,
    latest: VecDeque<Change>,
}

impl ChangeLog {
    /// The current version.
    pub(crate) const fn version(&self) -> ChangeVersion {
        ChangeVersion::new(self.version)
    }

    /// Adds a change.
    pub(crate) fn record(&mut self, change: Change) {
        self.version += 1;
        if self.latest.len() == MAX_CHANGES {
            self.latest.pop_front();
        }
        self.latest.push_back(change);
    }

    /// The changes after `version`. A version that this log has not reached is from another store.
    pub(crate) fn since(&self, version: ChangeVersion) -> Changes {
        let count = self.version.checked_sub(version.get());
        let changes = match count.and_then(|count| usize::try_from(count).ok()) {
            Some(count) if count <= self.latest.len() => {
                self.latest.iter().skip(self.latest.len() - count).cloned().collect()
            }
            _ => vec![Change::Everything],
        };
        Changes { version: self.version(), changes }
    }
}

#[cfg(test)]
mod tests {
    use super::{ChangeLog, MAX_CHANGES};
    use switchboard_domain::ports::{Change, ChangeVersion, Changes};

    #[test]
    fn a_full_log_drops_old_changes_and_reports_them_as_everything() {
        let mut log = ChangeLog::default();
        for _ in 0..=MAX_CHANGES {
            log.record(Change::Accounts);
        }
        let version = log.version();
        assert_eq!(log.latest.len(), MAX_CHANGES);
        assert_eq!(
            log.since(ChangeVersion::new(1)),
            Changes { version, changes: vec![Change::Accounts; MAX_CHANGES] }
        );
        assert_eq!(
            log.since(ChangeVersion::ZERO),
            Changes { version, changes: vec![Change::Everything] }
        );
    }

    #[test]
    fn a_version_of_another_store_gets_everything() {
        assert_eq!(
            ChangeLog::default().since(ChangeVersion::new(7)),
            Changes { version: ChangeVersion::ZERO, changes: vec![Change::Everything] }
        );
    }
}
