//! Which copies are older than the last change of what they are copies of.

use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

/// Changes are remembered by the hash of what changed: a bounded memory, in which nothing is forgotten.
/// Two keys that share a place only cause one more reading.
const PLACES: u16 = 4_096;

/// How many changes were heard of before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Generation(u64);

/// Where the last change of a key is remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slot(u16);

/// Remembers changes. What is changed in the store first and told here afterwards is never missed: who
/// reads the store later begins at a later generation, and who began earlier has read what is now old, whenever
/// the reading ends.
pub(super) struct Invalidation {
    hasher: RandomState,
    generation: AtomicU64,
    everything: AtomicU64,
    places: Box<[AtomicU64]>,
}

impl Invalidation {
    pub(super) fn new() -> Self {
        Self {
            hasher: RandomState::new(),
            generation: AtomicU64::new(0),
            everything: AtomicU64::new(0),
            places: (0..PLACES).map(|_| AtomicU64::new(0)).collect(),
        }
    }

    /// The generation of now: to be taken before something is read.
    pub(super) fn now(&self) -> Generation {
        Generation(self.generation.load(Ordering::Acquire))
    }

    pub(super) fn slot(&self, key: &impl Hash) -> Slot {
        let slot = self.hasher.hash_one(key) % u64::from(PLACES);
        Slot(u16::try_from(slot).unwrap_or_default())
    }

    /// This key's thing has changed.
    pub(super) fn changed(&self, key: &impl Hash) {
        self.next_epoch_at(self.at(self.slot(key)));
    }

    /// Everything may have changed.
    pub(super) fn everything_changed(&self) {
        self.next_epoch_at(&self.everything);
    }

    /// Whether what was read at that generation is older than the last change at the place.
    pub(super) fn is_older(&self, generation: Generation, slot: Slot) -> bool {
        generation.0 < self.at(slot).load(Ordering::Acquire)
            || generation.0 < self.everything.load(Ordering::Acquire)
    }

    fn at(&self, slot: Slot) -> &AtomicU64 {
        &self.places[usize::from(slot.0)]
    }

    fn next_epoch_at(&self, slot: &AtomicU64) {
        let generation = self.generation.fetch_add(1, Ordering::AcqRel) + 1;
        slot.fetch_max(generation, Ordering::AcqRel);
    }
}
