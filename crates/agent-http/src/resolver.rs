//! DNS resolution by the operating system, with a share of the lookups for each organization.

mod lookups;

use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use switchboard_domain::identifier::OrganizationId;
use tokio::task::{JoinError, spawn_blocking};
use tokio::time::Instant;

use self::lookups::Lookups;

/// The texts by which resolvers say that a name does not exist. Every other failure says nothing about the name.
const NO_SUCH_NAME: [&str; 4] =
    ["Name or service not known", "No address associated", "nodename nor servname", "No such host"];

/// Resolves names, each in a blocking thread. A lookup may outlive the request that needs it, so a concurrency limit
/// prevents lookups from occupying all blocking threads of the runtime. The last addresses of a name are remembered, and
/// used if it cannot be looked up.
#[derive(Clone, Debug)]
pub(crate) struct Resolver {
    lookups: Arc<Mutex<Lookups>>,
}

/// Why a name cannot be resolved. The caller knows the name, so it is not included.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LookUpError {
    #[error("too many concurrent DNS lookups")]
    Busy,
    #[error("the name does not exist")]
    NoSuchName(#[source] io::Error),
    #[error("DNS lookup failed")]
    Failed(#[source] io::Error),
    #[error("DNS lookup timed out")]
    TimedOut,
    #[error("DNS lookup aborted")]
    Panicked(#[source] JoinError),
}

impl LookUpError {
    fn of(error: io::Error) -> Self {
        let text = error.to_string();
        if NO_SUCH_NAME.iter().any(|known| text.contains(known)) {
            Self::NoSuchName(error)
        } else {
            Self::Failed(error)
        }
    }
}

impl Resolver {
    pub(crate) fn new() -> Self {
        Self { lookups: Arc::default() }
    }

    /// Resolves a name to addresses with this port, by `deadline`. If that fails, and not because the name does not exist,
    /// its last addresses are used.
    pub(crate) async fn look_up(
        &self,
        organization: &OrganizationId,
        name: &str,
        port: u16,
        deadline: Instant,
    ) -> Result<Vec<SocketAddr>, LookUpError> {
        if let Some(fresh) = self.lookups().fresh(name, Instant::now()) {
            return Ok(with_port(&fresh, port));
        }
        let found = tokio::time::timeout_at(deadline, self.ask(Some(organization), name)).await;
        let error = match found.unwrap_or(Err(LookUpError::TimedOut)) {
            Ok(found) => return Ok(with_port(&found, port)),
            Err(error @ LookUpError::NoSuchName(_)) => return Err(error),
            Err(error) => error,
        };
        let last = self.lookups().last(name);
        last.map(|last| with_port(&last, port)).ok_or(error)
    }

    /// Asks the operating system. Fails immediately if the organization's share of the lookups is in use.
    async fn ask(
        &self,
        organization: Option<&OrganizationId>,
        name: &str,
    ) -> Result<Vec<IpAddr>, LookUpError> {
        let begun = Lookups::begin(&self.lookups, organization).ok_or(LookUpError::Busy)?;
        let (lookups, name) = (Arc::clone(&self.lookups), name.to_owned());
        let looking = spawn_blocking(move || {
            let found = (name.as_str(), 0).to_socket_addrs();
            let found = found.map(|found| found.map(|address| address.ip()).collect::<Vec<_>>());
            if let Ok(found) = &found {
                locked(&lookups).remember(&name, found.clone(), Instant::now());
            }
            drop(begun);
            found
        });
        looking.await.map_err(LookUpError::Panicked)?.map_err(LookUpError::of)
    }

    fn lookups(&self) -> MutexGuard<'_, Lookups> {
        locked(&self.lookups)
    }
}

fn locked(lookups: &Mutex<Lookups>) -> MutexGuard<'_, Lookups> {
    lookups.lock().unwrap_or_else(PoisonError::into_inner)
}

fn with_port(addresses: &[IpAddr], port: u16) -> Vec<SocketAddr> {
    addresses.iter().map(|address| SocketAddr::new(*address, port)).collect()
}

impl Resolve for Resolver {
    /// For the HTTP client, whose requests look their names up by [`Resolver::look_up`] before.
    fn resolve(&self, name: Name) -> Resolving {
        let resolver = self.clone();
        Box::pin(async move {
            let known = resolver.lookups().last(name.as_str());
            let found = match known {
                Some(known) => known,
                None => resolver.ask(None, name.as_str()).await?,
            };
            // The client replaces port 0 by the port of the URL.
            Ok(Box::new(with_port(&found, 0).into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::time::Duration;

    use switchboard_domain::identifier::OrganizationId;
    use switchboard_domain::time::Timestamp;
    use tokio::time::Instant;

    use super::lookups::Lookups;
    use super::{LookUpError, Resolver};

    fn organization(n: u8) -> OrganizationId {
        OrganizationId::new(Timestamp::from_seconds(0), [n; 10])
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(60)
    }

    #[tokio::test]
    async fn localhost_resolves_to_loopback_addresses_with_the_port() {
        let resolver = Resolver::new();
        let found = resolver.look_up(&organization(1), "localhost", 4_567, soon()).await.unwrap();
        assert!(!found.is_empty());
        assert!(found.iter().all(|at| at.ip().is_loopback() && at.port() == 4_567));
    }

    #[tokio::test]
    async fn lookups_of_one_organization_that_hang_leave_places_for_others() {
        let resolver = Resolver::new();
        let mut hanging = Vec::new();
        while let Some(place) = Lookups::begin(&resolver.lookups, Some(&organization(1))) {
            hanging.push(place);
            assert!(hanging.len() < 100);
        }
        let busy = resolver.look_up(&organization(1), "localhost", 0, soon()).await.unwrap_err();
        assert!(matches!(busy, LookUpError::Busy), "{busy:?}");
        for other in 2..6 {
            resolver.look_up(&organization(other), "localhost", 0, soon()).await.unwrap();
        }
        // Its address is known from now on.
        resolver.look_up(&organization(1), "localhost", 0, soon()).await.unwrap();
    }

    #[test]
    fn only_a_name_that_does_not_exist_says_something_about_the_server() {
        let of = |text: &str| LookUpError::of(io::Error::other(text.to_owned()));
        let prefix = "failed to lookup address information: ";
        let absent = of(&format!("{prefix}Name or service not known"));
        assert!(matches!(absent, LookUpError::NoSuchName(_)));
        let failed = of(&format!("{prefix}Temporary failure in name resolution"));
        assert!(matches!(failed, LookUpError::Failed(_)));
    }
}
