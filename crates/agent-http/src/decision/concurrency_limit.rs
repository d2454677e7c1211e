//! The concurrency limit of requests to decision services.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Concurrency limits. Requests above a limit fail immediately.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Across all services.
    pub max_concurrent: NonZeroUsize,
    /// Per service, so that a slow service does not block the others.
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
pub(super) struct ConcurrencyLimit {
    limits: Limits,
    in_flight: Mutex<InFlight>,
}

/// Contains only services with requests in flight, so its size is bounded by the limits.
#[derive(Debug, Default)]
struct InFlight {
    all: usize,
    each: HashMap<String, usize>,
}

/// Permission for one request, released on drop.
#[derive(Debug)]
pub(super) struct Permit<'a> {
    limit: &'a ConcurrencyLimit,
    service: String,
}

impl ConcurrencyLimit {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, in_flight: Mutex::default() }
    }

    /// A permit for a request to a service, or `None` if a limit is reached.
    pub(super) fn try_acquire(&self, service: &str) -> Option<Permit<'_>> {
        let mut in_flight = self.in_flight();
        let of_service = in_flight.each.get(service).copied().unwrap_or_default();
        if in_flight.all >= self.limits.max_concurrent.get()
            || of_service >= self.limits.max_concurrent_per_service.get()
        {
            return None;
        }
        in_flight.all += 1;
        in_flight.each.insert(service.to_owned(), of_service + 1);
        Some(Permit { limit: self, service: service.to_owned() })
    }

    fn in_flight(&self) -> MutexGuard<'_, InFlight> {
        self.in_flight.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let mut in_flight = self.limit.in_flight();
        in_flight.all -= 1;
        let of_service = in_flight.each.remove(&self.service).unwrap_or_default();
        if of_service > 1 {
            in_flight.each.insert(std::mem::take(&mut self.service), of_service - 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use super::{ConcurrencyLimit, Limits};

    fn limit(max_concurrent: usize, max_concurrent_per_service: usize) -> ConcurrencyLimit {
        let [max_concurrent, max_concurrent_per_service] =
            [max_concurrent, max_concurrent_per_service]
                .map(|most| NonZeroUsize::new(most).unwrap());
        ConcurrencyLimit::new(Limits { max_concurrent, max_concurrent_per_service })
    }

    #[test]
    fn a_slow_service_does_not_block_others() {
        let limit = limit(3, 2);
        let _slow = [limit.try_acquire("slow").unwrap(), limit.try_acquire("slow").unwrap()];
        assert!(limit.try_acquire("slow").is_none());
        assert!(limit.try_acquire("other").is_some());
    }

    #[test]
    fn the_total_is_limited() {
        let limit = limit(2, 2);
        let _permits = ["a", "b"].map(|service| limit.try_acquire(service).unwrap());
        assert!(limit.try_acquire("c").is_none());
    }

    #[test]
    fn a_dropped_permit_is_released_and_its_service_removed() {
        let limit = limit(2, 1);
        let permit = limit.try_acquire("a").unwrap();
        drop(permit);
        assert!(limit.in_flight.lock().unwrap().each.is_empty());
        let _permit = limit.try_acquire("a").unwrap();
        assert!(limit.try_acquire("a").is_none());
        assert!(limit.try_acquire("b").is_some());
    }
}
