//! Deduplication of status callbacks: one that equals a recent one is not queued again.

use std::sync::atomic::{AtomicU64, Ordering};

/// The number of remembered callbacks. A new call may displace another one, whose status is then
/// queued again, which changes nothing.
const REMEMBERED: usize = 16_384;
/// The value of an empty slot.
const EMPTY: u64 = 0;

/// Fingerprints of the latest status of recent calls.
pub(super) struct RecentStatuses(Box<[AtomicU64]>);

impl RecentStatuses {
    pub(super) fn new() -> Self {
        Self((0..REMEMBERED).map(|_| AtomicU64::new(EMPTY)).collect())
    }

    /// Whether the latest status of a call differs from this one. The call is given by its
    /// fingerprint.
    pub(super) fn is_new(&self, call: u64, status: u64) -> bool {
        self.slot(call).load(Ordering::Relaxed) != status.max(1)
    }

    /// Remembers a status that was queued.
    pub(super) fn remember(&self, call: u64, status: u64) {
        self.slot(call).store(status.max(1), Ordering::Relaxed);
    }

    /// Forgets everything, after a queued record was lost.
    pub(super) fn clear(&self) {
        for slot in &self.0 {
            slot.store(EMPTY, Ordering::Relaxed);
        }
    }

    fn slot(&self, call: u64) -> &AtomicU64 {
        let place = usize::try_from(call % REMEMBERED as u64).unwrap_or_default();
        &self.0[place]
    }
}

#[cfg(test)]
mod tests {
    use super::RecentStatuses;

    #[test]
    fn the_latest_status_of_a_call_is_not_new() {
        let recent = RecentStatuses::new();
        for status in [0, 7] {
            assert!(recent.is_new(3, status));
            recent.remember(3, status);
            assert!(!recent.is_new(3, status));
        }
        assert!(recent.is_new(3, 0) && recent.is_new(4, 7));
        recent.clear();
        assert!(recent.is_new(3, 7));
    }
}
