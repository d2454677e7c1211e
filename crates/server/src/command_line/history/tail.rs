//! What a list that is followed has printed.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::time::Duration;

/// How often the store is asked.
pub(super) const INTERVAL: Duration = Duration::from_secs(1);
/// The most records that are followed at a time. Older ones are not printed again.
pub(super) const MOST: u32 = 500;

/// The last printed state of each record that is followed.
pub(super) struct Printed<K>(HashMap<K, &'static str>);

impl<K: Copy + Eq + Hash> Printed<K> {
    pub(super) fn new() -> Self {
        Self(HashMap::new())
    }

    /// Forgets the records that are not among these.
    pub(super) fn keep(&mut self, followed: impl Iterator<Item = K>) {
        let followed: HashSet<K> = followed.collect();
        self.0.retain(|key, _| followed.contains(key));
    }

    /// Whether a record is new or has another state than it was printed with.
    pub(super) fn is_news(&mut self, key: K, state: &'static str) -> bool {
        self.0.insert(key, state) != Some(state)
    }
}

#[cfg(test)]
mod tests {
    use super::Printed;

    #[test]
    fn a_record_is_printed_again_when_its_state_changes() {
        let mut printed = Printed::new();
        assert!(printed.is_news(1, "in_progress") && !printed.is_news(1, "in_progress"));
        assert!(printed.is_news(1, "answered") && printed.is_news(2, "answered"));
        printed.keep([2].into_iter());
        assert_eq!(printed.0.len(), 1);
    }
}
