//! The log of changes, which is bounded.

use std::collections::VecDeque;

use switchboard_domain::ports::{Change, Changes};

/// How many changes are held. A reader that is further behind reads everything again.
const KEPT: usize = 10_000;

/// The last changes, one for each version.
#[derive(Debug, Default)]
pub(crate) struct ChangeLog {
    version: u64,
    latest: VecDeque<Change>,
}

impl ChangeLog {
    /// The version of now.
    pub(crate) const fn version(&self) -> u64 {
        self.version
    }

    /// Adds a change.
    pub(crate) fn record(&mut self, change: Change) {
        self.version += 1;
        if self.latest.len() == KEPT {
            self.latest.pop_front();
        }
        self.latest.push_back(change);
    }

    /// What changed after `version`. A version that is not there yet was given by another store.
    pub(crate) fn since(&self, version: u64) -> Changes {
        let behind =
            self.version.checked_sub(version).and_then(|behind| usize::try_from(behind).ok());
        let changes = match behind {
            Some(behind) if behind <= self.latest.len() => {
                self.latest.iter().skip(self.latest.len() - behind).cloned().collect()
            }
            _ => vec![Change::Everything],
        };
        Changes { version: self.version, changes }
    }
}

#[cfg(test)]
mod tests {
    use super::{ChangeLog, KEPT};
    use switchboard_domain::ports::{Change, Changes};

    #[test]
    fn a_log_of_many_changes_stays_bounded_and_tells_that_more_has_changed() {
        let mut log = ChangeLog::default();
        for _ in 0..=KEPT {
            log.record(Change::Accounts);
        }
        let version = log.version();
        assert_eq!(log.latest.len(), KEPT);
        assert_eq!(log.since(1), Changes { version, changes: vec![Change::Accounts; KEPT] });
        assert_eq!(log.since(0), Changes { version, changes: vec![Change::Everything] });
    }

    #[test]
    fn a_version_of_another_store_gets_everything() {
        assert_eq!(
            ChangeLog::default().since(7),
            Changes { version: 0, changes: vec![Change::Everything] }
        );
    }
}
