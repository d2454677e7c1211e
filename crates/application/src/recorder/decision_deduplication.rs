//! Deduplication of decisions: a decision that equals a recent one is not written again.

use std::sync::atomic::{AtomicU64, Ordering};

/// The number of remembered decisions for each number. Twilio retries during a call, and few
/// numbers have more concurrent calls. For those that do, some decisions are written twice.
const REMEMBERED: usize = 2;

/// The value of an empty slot.
const EMPTY: u64 = 0;

/// Fingerprints of recent decisions about the calls of one number. They are stored in the number's
/// route, which every answer reads anyway. If the route is dropped, a decision may be written
/// twice, which changes nothing.
#[derive(Default)]
pub(crate) struct RecentDecisions([AtomicU64; REMEMBERED]);

impl RecentDecisions {
    /// Whether a decision is new, and remembers it. Two concurrent calls may both return `true`.
    /// Two decisions share a fingerprint with a negligible probability (64 bits).
    pub(super) fn is_new(&self, fingerprint: u64) -> bool {
        let Self(slots) = self;
        let fingerprint = unlike_empty(fingerprint);
        let holding = |wanted| slots.iter().find(|slot| slot.load(Ordering::Relaxed) == wanted);
        if holding(fingerprint).is_some() {
            return false;
        }
        let displaced = &slots[usize::from(fingerprint.to_be_bytes()[0]) % REMEMBERED];
        holding(EMPTY).unwrap_or(displaced).store(fingerprint, Ordering::Relaxed);
        true
    }

    /// Forgets a decision that was not recorded.
    pub(super) fn forget(&self, fingerprint: u64) {
        let fingerprint = unlike_empty(fingerprint);
        for slot in &self.0 {
            // If the slot contains another decision by now, that decision stays.
            let _another =
                slot.compare_exchange(fingerprint, EMPTY, Ordering::Relaxed, Ordering::Relaxed);
        }
    }
}

fn unlike_empty(fingerprint: u64) -> u64 {
    fingerprint.max(EMPTY + 1)
}

#[cfg(test)]
mod tests {
    use super::{REMEMBERED, RecentDecisions};

    #[test]
    fn a_remembered_decision_is_not_new() {
        let recent = RecentDecisions::default();
        let new = || (1..=REMEMBERED as u64).filter(|call| recent.is_new(*call)).count();
        assert_eq!([new(), new()], [REMEMBERED, 0]);
    }

    #[test]
    fn only_a_forgotten_decision_is_new_again() {
        let recent = RecentDecisions::default();
        for call in [0, 5] {
            assert!(recent.is_new(call));
        }
        recent.forget(0);
        assert_eq!([recent.is_new(5), recent.is_new(0)], [false, true]);
    }

    #[test]
    fn the_latest_is_remembered_however_many_there_were() {
        let recent = RecentDecisions::default();
        for fingerprint in (1..1_000_u64).map(|call| call << 52) {
            assert!(recent.is_new(fingerprint));
            assert!(!recent.is_new(fingerprint));
        }
    }
}
