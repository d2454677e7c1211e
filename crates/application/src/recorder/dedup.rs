//! Which decisions were lately noted, so that the same one is not written again.

use std::sync::atomic::{AtomicU64, Ordering};

/// Decisions that are remembered for each number. Twilio asks again for a call while it goes on, and few numbers
/// have more calls at once; of those that have, some decisions are written twice.
const REMEMBERED: usize = 2;

/// What a place holds before anything.
const EMPTY: u64 = 0;

/// What was lately noted about the calls of one number, by fingerprints. It is kept beside the number's route,
/// which every answer reads in any case, and forgotten with it: what is written twice changes nothing.
#[derive(Default)]
pub(crate) struct RecentDecisions([AtomicU64; REMEMBERED]);

impl RecentDecisions {
    /// Whether something was not noted lately; it is from now on. Two threads that note the same at once may both
    /// find it new. Of some quintillions, one is taken for another.
    pub(super) fn is_new(&self, fingerprint: u64) -> bool {
        let Self(places) = self;
        let fingerprint = unlike_empty(fingerprint);
        let holding = |wanted| places.iter().find(|place| place.load(Ordering::Relaxed) == wanted);
        if holding(fingerprint).is_some() {
            return false;
        }
        let displaced = &places[usize::from(fingerprint.to_be_bytes()[0]) % REMEMBERED];
        holding(EMPTY).unwrap_or(displaced).store(fingerprint, Ordering::Relaxed);
        true
    }

    /// Something was not noted after all.
    pub(super) fn forget(&self, fingerprint: u64) {
        let fingerprint = unlike_empty(fingerprint);
        for place in &self.0 {
            // Another one may stand there by now, which is left alone.
            let _another =
                place.compare_exchange(fingerprint, EMPTY, Ordering::Relaxed, Ordering::Relaxed);
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
    fn what_was_noted_is_not_new_again() {
        let noted = RecentDecisions::default();
        let new = || (1..=REMEMBERED as u64).filter(|call| noted.is_new(*call)).count();
        assert_eq!([new(), new()], [REMEMBERED, 0]);
    }

    #[test]
    fn what_is_forgotten_is_new_and_nothing_else() {
        let noted = RecentDecisions::default();
        for call in [0, 5] {
            assert!(noted.is_new(call));
        }
        noted.forget(0);
        assert_eq!([noted.is_new(5), noted.is_new(0)], [false, true]);
    }

    #[test]
    fn the_latest_is_remembered_however_many_there_were() {
        let noted = RecentDecisions::default();
        for fingerprint in (1..1_000_u64).map(|call| call << 52) {
            assert!(noted.is_new(fingerprint));
            assert!(!noted.is_new(fingerprint));
        }
    }
}
