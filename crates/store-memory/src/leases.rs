//! Leases, which run by the store's own clock.

use std::collections::btree_map::Entry;

use async_trait::async_trait;
use switchboard_domain::ports::{LeaseStore, StoreError};

use crate::MemoryStore;
use crate::probe::now;

#[async_trait]
impl LeaseStore for MemoryStore {
    async fn acquire(&self, name: &str, holder: &str, seconds: u32) -> Result<bool, StoreError> {
        let mut state = self.enter("lease.acquire").await?;
        let now = now();
        let lease = (holder.to_owned(), now.plus_seconds(seconds.into()));
        match state.leases.entry(name.to_owned()) {
            Entry::Occupied(place) if place.get().0 != holder && place.get().1 > now => {
                return Ok(false);
            }
            Entry::Occupied(mut place) => {
                place.insert(lease);
            }
            Entry::Vacant(place) => {
                place.insert(lease);
            }
        }
        Ok(true)
    }

    async fn release(&self, name: &str, holder: &str) -> Result<(), StoreError> {
        let mut state = self.enter("lease.release").await?;
        if state.leases.get(name).is_some_and(|(held_by, _)| held_by == holder) {
            state.leases.remove(name);
        }
        Ok(())
    }
}
