//! The lookups in flight, and the addresses that earlier ones found.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use switchboard_domain::identifier::OrganizationId;
use tokio::time::Instant;

use super::locked;

/// The maximum number of concurrent lookups.
const MAX_CONCURRENT_LOOKUPS: usize = 64;
/// The maximum number of concurrent lookups of an organization.
const MAX_OF_ORGANIZATION: usize = 8;
/// The maximum number of remembered names.
const MAX_NAMES: usize = 4_096;
/// How long addresses are used without another lookup.
const FRESH: Duration = Duration::from_secs(5);

#[derive(Debug, Default)]
pub(super) struct Lookups {
    in_flight: usize,
    /// Contains only organizations with lookups in flight.
    by_organization: HashMap<Option<OrganizationId>, usize>,
    names: HashMap<String, Known>,
}

#[derive(Debug)]
struct Known {
    addresses: Vec<IpAddr>,
    at: Instant,
}

/// A place for one lookup, released on drop.
#[derive(Debug)]
pub(super) struct Place {
    lookups: Arc<Mutex<Lookups>>,
    organization: Option<OrganizationId>,
}

impl Lookups {
    /// A place for a lookup, or `None` if the share of the organization is in use. An organization gets a place only while
    /// it has fewer than are free, so one without lookups always finds a place.
    pub(super) fn begin(
        lookups: &Arc<Mutex<Self>>,
        organization: Option<&OrganizationId>,
    ) -> Option<Place> {
        let mut guard = locked(lookups);
        let free = MAX_CONCURRENT_LOOKUPS.saturating_sub(guard.in_flight);
        let organization = organization.cloned();
        let held = guard.by_organization.get(&organization).copied().unwrap_or_default();
        if held >= free.min(MAX_OF_ORGANIZATION) {
            return None;
        }
        guard.in_flight += 1;
        guard.by_organization.insert(organization.clone(), held + 1);
        drop(guard);
        Some(Place { lookups: Arc::clone(lookups), organization })
    }

    /// The addresses of a name that was just looked up.
    pub(super) fn fresh(&self, name: &str, now: Instant) -> Option<Vec<IpAddr>> {
        let known = self.names.get(name)?;
        let is_fresh = now.saturating_duration_since(known.at) < FRESH;
        is_fresh.then(|| known.addresses.clone())
    }

    /// The last known addresses of a name.
    pub(super) fn last(&self, name: &str) -> Option<Vec<IpAddr>> {
        self.names.get(name).map(|known| known.addresses.clone())
    }

    pub(super) fn remember(&mut self, name: &str, addresses: Vec<IpAddr>, now: Instant) {
        if addresses.is_empty() {
            return;
        }
        if self.names.len() >= MAX_NAMES && !self.names.contains_key(name) {
            let oldest = self.names.iter().min_by_key(|(_, known)| known.at);
            if let Some(oldest) = oldest.map(|(name, _)| name.clone()) {
                self.names.remove(&oldest);
            }
        }
        self.names.insert(name.to_owned(), Known { addresses, at: now });
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut lookups = locked(&self.lookups);
        lookups.in_flight -= 1;
        let held = lookups.by_organization.remove(&self.organization).unwrap_or_default();
        if held > 1 {
            lookups.by_organization.insert(self.organization.take(), held - 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use tokio::time::Instant;

    use super::{FRESH, Lookups, MAX_NAMES};

    const ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    #[test]
    fn addresses_are_fresh_for_a_while_and_kept_for_longer() {
        let (mut lookups, now) = (Lookups::default(), Instant::now());
        lookups.remember("a.example", vec![ADDRESS], now);
        lookups.remember("b.example", vec![], now);
        assert_eq!(lookups.fresh("a.example", now), Some(vec![ADDRESS]));
        assert_eq!(lookups.fresh("a.example", now + FRESH), None);
        assert_eq!(lookups.last("a.example"), Some(vec![ADDRESS]));
        assert_eq!(lookups.last("b.example"), None);
    }

    #[test]
    fn the_number_of_remembered_names_is_bounded() {
        let (mut lookups, now) = (Lookups::default(), Instant::now());
        for name in 0..=MAX_NAMES {
            lookups.remember(&name.to_string(), vec![ADDRESS], now + FRESH * u32::from(name > 0));
        }
        assert_eq!(lookups.names.len(), MAX_NAMES);
        assert_eq!(lookups.last("0"), None);
    }

    #[test]
    fn a_place_is_released_after_the_lookup() {
        let lookups = std::sync::Arc::default();
        drop([Lookups::begin(&lookups, None), Lookups::begin(&lookups, None)]);
        let lookups = lookups.lock().unwrap();
        assert_eq!((lookups.in_flight, lookups.by_organization.len()), (0, 0));
    }
}
