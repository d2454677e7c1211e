//! The deliveries that this process attempts, and how long it surely has their leases.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use switchboard_domain::identifier::DeliveryId;
use tokio::time::Instant;

/// How long a worker has a delivery before another one takes it over.
pub(crate) const LEASE: Duration = Duration::from_secs(9);
/// How long before its end a lease does not count any more: what is begun now reaches its target before that.
const MARGIN: Duration = Duration::from_secs(1);

/// The deliveries that are attempted, with the times at which their leases were last requested.
#[derive(Debug, Default)]
pub(crate) struct InFlight(Mutex<HashMap<DeliveryId, Instant>>);

impl InFlight {
    /// Adds a delivery whose lease was requested at this time. Returns `false` if it is attempted already.
    pub(crate) fn insert(&self, delivery: &DeliveryId, requested: Instant) -> bool {
        match self.all().entry(delivery.clone()) {
            Entry::Occupied(_) => false,
            Entry::Vacant(place) => {
                place.insert(requested);
                true
            }
        }
    }

    pub(crate) fn remove(&self, delivery: &DeliveryId) {
        self.all().remove(delivery);
    }

    /// Remembers that these leases were renewed by a request that began at this time. A lease that had ended by then is not
    /// the same lease any more: another process can have attempted the delivery meanwhile.
    pub(crate) fn renewed(&self, deliveries: &[DeliveryId], requested: Instant) {
        let mut all = self.all();
        for delivery in deliveries {
            if let Some(at) = all.get_mut(delivery)
                && requested.duration_since(*at) < LEASE
            {
                *at = requested;
            }
        }
    }

    /// Whether this process surely has the lease: no other process attempts the delivery. The time is that of this machine,
    /// so a process that was paused knows it.
    pub(crate) fn is_leased(&self, delivery: &DeliveryId) -> bool {
        let requested = self.all().get(delivery).copied();
        requested.is_some_and(|at| at.elapsed() < LEASE.saturating_sub(MARGIN))
    }

    pub(crate) fn ids(&self) -> Vec<DeliveryId> {
        self.all().keys().cloned().collect()
    }

    pub(crate) fn len(&self) -> usize {
        self.all().len()
    }

    fn all(&self) -> MutexGuard<'_, HashMap<DeliveryId, Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use switchboard_domain::identifier::DeliveryId;
    use switchboard_domain::time::Timestamp;
    use tokio::time::{Instant, advance};

    use super::{InFlight, LEASE, MARGIN};

    #[tokio::test(start_paused = true)]
    async fn a_lease_counts_until_shortly_before_its_end() {
        let (all, id) = (InFlight::default(), DeliveryId::new(Timestamp::from_seconds(0), [1; 10]));
        assert!(!all.is_leased(&id));
        assert!(all.insert(&id, Instant::now()) && !all.insert(&id, Instant::now()));
        advance(LEASE / 2).await;
        assert!(all.is_leased(&id));
        all.renewed(std::slice::from_ref(&id), Instant::now());
        advance(LEASE / 2).await;
        assert!(all.is_leased(&id));
        advance((LEASE / 2).saturating_sub(MARGIN)).await;
        assert!(!all.is_leased(&id));
        advance(MARGIN).await;
        all.renewed(std::slice::from_ref(&id), Instant::now());
        assert!(!all.insert(&id, Instant::now()) && !all.is_leased(&id));
        all.remove(&id);
        assert_eq!(all.len(), 0);
    }
}
