//! Leases, which run by the store's own clock.

use std::collections::btree_map::Entry;
use std::time::Duration;

use async_trait::async_trait;
use switchboard_domain::ports::{Acquisition, LeaseHolder, LeaseName, LeaseStore, StoreError};

use crate::MemoryStore;
use crate::probe::now;

#[async_trait]
impl LeaseStore for MemoryStore {
    async fn acquire(
        &self,
        name: LeaseName,
        holder: &LeaseHolder,
        duration: Duration,
    ) -> Result<Acquisition, StoreError> {
        let mut state = self.enter("lease.acquire").await?;
        let now = now();
        let seconds = i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
        let lease = (holder.clone(), now.plus_seconds(seconds));
        match state.leases.entry(name) {
            Entry::Occupied(place) if place.get().0 != *holder && place.get().1 > now => {
                return Ok(Acquisition::HeldByAnother);
            }
            Entry::Occupied(mut place) => {
                place.insert(lease);
            }
            Entry::Vacant(place) => {
                place.insert(lease);
            }
        }
        Ok(Acquisition::Acquired)
    }

    async fn release(&self, name: LeaseName, holder: &LeaseHolder) -> Result<(), StoreError> {
        let mut state = self.enter("lease.release").await?;
        if state.leases.get(&name).is_some_and(|(held_by, _)| held_by == holder) {
            state.leases.remove(&name);
        }
        Ok(())
    }
}
