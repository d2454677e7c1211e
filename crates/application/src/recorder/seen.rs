//! Which decisions were lately noted, so that the same one is not written again.

use std::hash::{BuildHasher as _, Hash};
use std::sync::atomic::{AtomicU64, Ordering};

use quick_cache::DefaultHashBuilder;

/// Fingerprints in one shelf: eight of them fill one line of the processor's cache.
const SHELF: usize = 8;

/// Remembers what it has seen by a fingerprint of 64 bits, keyed by chance: one look touches one line of memory,
/// whereas a map of whole calls and decisions makes each answer wait for several. Of a hundred trillion calls, one
/// is taken for another.
///
/// The memory is bounded. What is seen again after it was displaced counts as new, and so may what two threads
/// see at once: it is written twice, and changes nothing the second time.
pub(super) struct Seen {
    hasher: DefaultHashBuilder,
    shelves: Box<[Shelf]>,
}

#[derive(Default)]
#[repr(align(64))]
struct Shelf([AtomicU64; SHELF]);

impl Seen {
    /// A memory for about so many.
    pub(super) fn new(most: usize) -> Self {
        let shelves = (0..most.div_ceil(SHELF)).map(|_| Shelf::default()).collect();
        Self { hasher: DefaultHashBuilder::default(), shelves }
    }

    /// Whether something was not seen lately; it is from now on.
    pub(super) fn is_new(&self, thing: &impl Hash) -> bool {
        let hash = self.hasher.hash_one(thing);
        let Some(index) = hash.checked_rem(self.shelves.len() as u64) else { return true };
        let Shelf(places) = &self.shelves[usize::try_from(index).unwrap_or_default()];
        // Nothing is what an empty place holds.
        let fingerprint = hash.max(1);
        let holding = |wanted| places.iter().find(|place| place.load(Ordering::Relaxed) == wanted);
        if holding(fingerprint).is_some() {
            return false;
        }
        let displaced = &places[usize::from(hash.to_be_bytes()[0]) % SHELF];
        holding(0).unwrap_or(displaced).store(fingerprint, Ordering::Relaxed);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::Seen;

    #[test]
    fn what_was_seen_is_not_new_again() {
        let seen = Seen::new(64);
        assert!(seen.is_new(&("call", 1)));
        assert!(!seen.is_new(&("call", 1)));
        assert!(seen.is_new(&("call", 2)));
        assert!(!seen.is_new(&("call", 1)));
    }

    #[test]
    fn half_of_what_it_is_made_for_is_remembered_whole() {
        let seen = Seen::new(65_536);
        let again = |_pass| (0..20_000).filter(|call| seen.is_new(call)).count();
        assert_eq!(again(1), 20_000);
        let displaced = again(2);
        assert!(displaced < 100, "{displaced} of 20,000 are written again");
    }

    #[test]
    fn a_memory_for_nothing_finds_everything_new() {
        let seen = Seen::new(0);
        assert!(seen.is_new(&1) && seen.is_new(&1));
    }

    #[test]
    fn the_latest_is_remembered_however_many_there_were() {
        let seen = Seen::new(8);
        for call in 0..1_000 {
            assert!(seen.is_new(&call));
            assert!(!seen.is_new(&call));
        }
    }
}
