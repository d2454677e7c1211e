//! Cache invalidation: determines which cached copies are older than the last change of their
//! source.

use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

/// Changes are remembered by the hash of the changed key, so memory is limited and no change is
/// forgotten. Two keys with the same slot only cause an extra read.
const SLOTS: u16 = 4_096;

/// The number of changes that were known before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Generation(u64);

/// The slot in which the last change of a key is remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slot(u16);

/// Remembers changes. A change that is made in the store first and reported here afterwards is
/// never missed: a later read begins at a later generation, and the result of an earlier read
/// counts as stale, whenever it arrives.
pub(super) struct Invalidation {
    hasher: RandomState,
    generation: AtomicU64,
    everything: AtomicU64,
    slots: Box<[AtomicU64]>,
}

impl Invalidation {
    pub(super) fn new() -> Self {
        Self {
            hasher: RandomState::new(),
            generation: AtomicU64::new(0),
            everything: AtomicU64::new(0),
            slots: (0..SLOTS).map(|_| AtomicU64::new(0)).collect(),
        }
    }

    /// Returns the current generation. Call this before you read the store.
    pub(super) fn now(&self) -> Generation {
        Generation(self.generation.load(Ordering::Acquire))
    }

    pub(super) fn slot(&self, key: &impl Hash) -> Slot {
        let slot = self.hasher.hash_one(key) % u64::from(SLOTS);
        Slot(u16::try_from(slot).unwrap_or_default())
    }

    /// Marks a key as changed.
    pub(super) fn changed(&self, key: &impl Hash) {
        self.next_generation_in(self.at(self.slot(key)));
    }

    /// Marks every key as changed.
    pub(super) fn everything_changed(&self) {
        self.next_generation_in(&self.everything);
    }

    /// Whether a copy that was read at that generation is older than the last change in the slot.
    pub(super) fn is_older(&self, generation: Generation, slot: Slot) -> bool {
        generation.0 < self.at(slot).load(Ordering::Acquire)
            || generation.0 < self.everything.load(Ordering::Acquire)
    }

    fn at(&self, slot: Slot) -> &AtomicU64 {
        &self.slots[usize::from(slot.0)]
    }

    fn next_generation_in(&self, slot: &AtomicU64) {
        let generation = self.generation.fetch_add(1, Ordering::AcqRel) + 1;
        slot.fetch_max(generation, Ordering::AcqRel);
    }
}
