//! Final deliveries, which are deleted when they are old.

use std::collections::BTreeSet;

use switchboard_domain::time::Timestamp;

use crate::delivery_queues::{DeliveryQueues, Stored};

impl DeliveryQueues {
    fn is_final_before(stored: &Stored, before: Timestamp) -> bool {
        stored.delivery.state.is_final() && stored.delivery.created_at < before
    }

    /// Counts the final deliveries that were created before an instant.
    pub(crate) fn count_final(&self, before: Timestamp) -> usize {
        self.all.iter().filter(|stored| Self::is_final_before(stored, before)).count()
    }

    /// Deletes the oldest of them, and returns how many.
    pub(crate) fn delete_final(&mut self, before: Timestamp, limit: u32) -> u32 {
        let mut oldest: Vec<_> = self
            .all
            .iter()
            .filter(|stored| Self::is_final_before(stored, before))
            .map(|stored| (stored.delivery.created_at, stored.delivery.id.clone()))
            .collect();
        oldest.sort();
        oldest.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let ids: BTreeSet<_> = oldest.into_iter().map(|(_, id)| id).collect();
        self.all.retain(|stored| !ids.contains(&stored.delivery.id));
        u32::try_from(ids.len()).unwrap_or(u32::MAX)
    }
}
