//! The concurrency limit of requests for which a webhook of Twilio waits: to decision services, and to handlers.

use std::collections::HashMap;
use std::hash::Hash;
use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};

use switchboard_domain::identifier::OrganizationId;

/// Concurrency limits. Requests above a limit fail immediately.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Across all services, of which one organization gets at most half.
    pub max_concurrent: NonZeroUsize,
    /// Per service of an organization, so that a slow service does not block the others.
    pub max_concurrent_per_service: NonZeroUsize,
}

impl Default for Limits {
    /// 256 in total and 64 per service.
    fn default() -> Self {
        Self {
            max_concurrent: NonZeroUsize::MIN.saturating_add(255),
            max_concurrent_per_service: NonZeroUsize::MIN.saturating_add(63),
        }
    }
}

/// Counts requests in flight.
#[derive(Debug)]
pub(crate) struct ConcurrencyLimit {
    limits: Limits,
    in_flight: Mutex<InFlight>,
}

/// Contains only organizations and services with requests in flight, so its size is bounded by the limits.
#[derive(Debug, Default)]
struct InFlight {
    all: usize,
    organizations: HashMap<OrganizationId, usize>,
    services: HashMap<Service, usize>,
}

/// A service as one organization asks it.
type Service = (OrganizationId, String);

/// Permission for one request, released on drop.
#[derive(Debug)]
pub(crate) struct Permit<'a> {
    limit: &'a ConcurrencyLimit,
    service: Service,
}

impl ConcurrencyLimit {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, in_flight: Mutex::default() }
    }

    /// A permit for an organization's request to a service, or `None` if a limit is reached. An organization gets a permit
    /// only while it has fewer than are left, so one without requests always gets a permit.
    pub(crate) fn try_acquire(
        &self,
        organization: &OrganizationId,
        service: &str,
    ) -> Option<Permit<'_>> {
        let service = (organization.clone(), service.to_owned());
        let mut in_flight = self.in_flight();
        let left = self.limits.max_concurrent.get().saturating_sub(in_flight.all);
        let of_organization = in_flight.organizations.get(organization).copied();
        let of_service = in_flight.services.get(&service).copied().unwrap_or_default();
        if of_organization.unwrap_or_default() >= left
            || of_service >= self.limits.max_concurrent_per_service.get()
        {
            return None;
        }
        in_flight.all += 1;
        *in_flight.organizations.entry(organization.clone()).or_default() += 1;
        in_flight.services.insert(service.clone(), of_service + 1);
        drop(in_flight);
        Some(Permit { limit: self, service })
    }

    fn in_flight(&self) -> MutexGuard<'_, InFlight> {
        self.in_flight.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let mut in_flight = self.limit.in_flight();
        in_flight.all -= 1;
        release(&mut in_flight.organizations, &self.service.0);
        release(&mut in_flight.services, &self.service);
    }
}

fn release<K: Eq + Hash>(counts: &mut HashMap<K, usize>, key: &K) {
    if let Some(count) = counts.get_mut(key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use switchboard_domain::identifier::OrganizationId;
    use switchboard_domain::time::Timestamp;

    use super::{ConcurrencyLimit, Limits};

    fn limit(max_concurrent: usize, max_concurrent_per_service: usize) -> ConcurrencyLimit {
        let [max_concurrent, max_concurrent_per_service] =
            [max_concurrent, max_concurrent_per_service]
                .map(|most| NonZeroUsize::new(most).unwrap());
        ConcurrencyLimit::new(Limits { max_concurrent, max_concurrent_per_service })
    }

    fn organization(n: u8) -> OrganizationId {
        OrganizationId::new(Timestamp::from_seconds(0), [n; 10])
    }

    #[test]
    fn a_slow_service_does_not_block_others() {
        let (limit, ours) = (limit(8, 2), organization(1));
        let acquire = |service| limit.try_acquire(&ours, service);
        let _slow = [acquire("slow").unwrap(), acquire("slow").unwrap()];
        assert!(acquire("slow").is_none());
        assert!(acquire("other").is_some());
        // Nor does it block the requests of another organization to the same service.
        assert!(limit.try_acquire(&organization(2), "slow").is_some());
    }

    #[test]
    fn an_organization_leaves_permits_for_others() {
        let limit = limit(8, 8);
        let fills =
            |n| std::iter::from_fn(|| limit.try_acquire(&organization(n), "a")).collect::<Vec<_>>();
        let (ours, theirs) = (fills(1), fills(2));
        assert_eq!((ours.len(), theirs.len()), (4, 2));
        assert!(limit.try_acquire(&organization(3), "a").is_some());
    }

    #[test]
    fn a_dropped_permit_is_released_and_its_service_removed() {
        let limit = limit(2, 1);
        drop(limit.try_acquire(&organization(1), "a").unwrap());
        let in_flight = limit.in_flight.lock().unwrap();
        assert_eq!(
            (in_flight.all, in_flight.organizations.len(), in_flight.services.len()),
            (0, 0, 0)
        );
    }
}
