//! The queue of what happened during calls, with a share of the places for each account.

use std::collections::{HashMap, VecDeque};

use quick_cache::DefaultHashBuilder;
use switchboard_domain::call::TimelineEntry;
use switchboard_domain::sid::AccountSid;

/// Entries in the order in which they were reported. An account gets a place only while it holds fewer places than are
/// free, so an account without entries always gets one.
pub(super) struct TimelineQueue {
    places: usize,
    entries: VecDeque<TimelineEntry>,
    held: HashMap<AccountSid, usize, DefaultHashBuilder>,
}

impl TimelineQueue {
    pub(super) fn new(places: usize) -> Self {
        Self { places, entries: VecDeque::new(), held: HashMap::default() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Adds an entry. Returns `false` if its account has no place left.
    pub(super) fn add(&mut self, entry: TimelineEntry) -> bool {
        let free = self.places.saturating_sub(self.entries.len());
        let held = self.held.get(&entry.account).copied().unwrap_or_default();
        if held >= free {
            return false;
        }
        self.held.insert(entry.account, held + 1);
        self.entries.push_back(entry);
        true
    }

    /// Takes the oldest entries.
    pub(super) fn take(&mut self, most: usize) -> Vec<TimelineEntry> {
        let count = self.entries.len().min(most);
        let taken: Vec<_> = self.entries.drain(..count).collect();
        for entry in &taken {
            if let Some(held) = self.held.get_mut(&entry.account) {
                *held -= 1;
                if *held == 0 {
                    self.held.remove(&entry.account);
                }
            }
        }
        taken
    }

    /// Puts entries back to the front. They were taken before, so the queue grows by at most one batch.
    pub(super) fn put_back(&mut self, entries: Vec<TimelineEntry>) {
        for entry in entries.into_iter().rev() {
            *self.held.entry(entry.account).or_default() += 1;
            self.entries.push_front(entry);
        }
    }
}

#[cfg(test)]
mod tests {
    use switchboard_domain::call::{FailureCause, TimelineEntry, TimelineEvent};
    use switchboard_domain::organization::default_organization;
    use switchboard_domain::sid::{AccountSid, CallSid};
    use switchboard_domain::time::Timestamp;

    use super::TimelineQueue;

    fn entry(account: u32, tried: u32) -> TimelineEntry {
        TimelineEntry {
            account: AccountSid::parse(&format!("AC{account:032x}")).unwrap(),
            call: CallSid::parse(&format!("CA{:032x}", 1)).unwrap(),
            organization: default_organization(),
            at: Timestamp::from_seconds(1),
            event: TimelineEvent::AttemptFailed { tried, cause: FailureCause::Unknown },
        }
    }

    #[test]
    fn one_account_fills_half_and_the_next_one_finds_a_place() {
        let mut queue = TimelineQueue::new(100);
        let mut fills = |account| (0..100).filter(|n| queue.add(entry(account, *n))).count();
        assert_eq!([fills(1), fills(2), fills(3)], [50, 25, 13]);
    }

    #[test]
    fn what_is_put_back_is_in_front() {
        let mut queue = TimelineQueue::new(100);
        assert!((1..=3).all(|n| queue.add(entry(1, n))));
        let taken = queue.take(2);
        queue.put_back(taken);
        assert_eq!(queue.take(9), [1, 2, 3].map(|n| entry(1, n)));
        assert!(queue.is_empty() && queue.held.is_empty());
    }
}
