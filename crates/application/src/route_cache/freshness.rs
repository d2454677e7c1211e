//! Which copies are older than the last change of what they are copies of.

use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

/// Changes are remembered by the hash of what changed: a bounded memory, in which nothing is forgotten.
/// Two keys that share a place only cause one more reading.
const PLACES: u16 = 4_096;

/// How many changes were heard of before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Epoch(u64);

/// Where the last change of a key is remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place(u16);

/// Remembers changes. What is changed in the store first and told here afterwards is never missed: who
/// reads the store later begins at a later epoch, and who began earlier has read what is now old, whenever
/// the reading ends.
pub(super) struct Freshness {
    hasher: RandomState,
    epoch: AtomicU64,
    everything: AtomicU64,
    places: Box<[AtomicU64]>,
}

impl Freshness {
    pub(super) fn new() -> Self {
        Self {
            hasher: RandomState::new(),
            epoch: AtomicU64::new(0),
            everything: AtomicU64::new(0),
            places: (0..PLACES).map(|_| AtomicU64::new(0)).collect(),
        }
    }

    /// The epoch of now: to be taken before something is read.
    pub(super) fn now(&self) -> Epoch {
        Epoch(self.epoch.load(Ordering::Acquire))
    }

    pub(super) fn place(&self, key: &impl Hash) -> Place {
        let place = self.hasher.hash_one(key) % u64::from(PLACES);
        Place(u16::try_from(place).unwrap_or_default())
    }

    /// This key's thing has changed.
    pub(super) fn changed(&self, key: &impl Hash) {
        self.next_epoch_at(self.at(self.place(key)));
    }

    /// Everything may have changed.
    pub(super) fn everything_changed(&self) {
        self.next_epoch_at(&self.everything);
    }

    /// Whether what was read at that epoch is older than the last change at the place.
    pub(super) fn is_older(&self, epoch: Epoch, place: Place) -> bool {
        epoch.0 < self.at(place).load(Ordering::Acquire)
            || epoch.0 < self.everything.load(Ordering::Acquire)
    }

    fn at(&self, place: Place) -> &AtomicU64 {
        &self.places[usize::from(place.0)]
    }

    fn next_epoch_at(&self, place: &AtomicU64) {
        let epoch = self.epoch.fetch_add(1, Ordering::AcqRel) + 1;
        place.fetch_max(epoch, Ordering::AcqRel);
    }
}
