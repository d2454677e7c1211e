//! DNS resolution by the operating system, with a share of the lookups for each organization. Every address passes the
//! check of allowed networks here, so that no connection is made to another one.

mod lookups;

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::target_networks::TargetNetworks;
use tokio::task::{JoinError, spawn_blocking};
use tokio::time::Instant;
use url::{Host, Url};

use self::lookups::Lookups;

/// The texts by which resolvers say that a name does not exist. Every other failure says nothing about the name.
const NO_SUCH_NAME: [&str; 4] =
    ["Name or service not known", "No address associated", "nodename nor servname", "No such host"];

/// Resolves names, each in a blocking thread. A lookup may outlive the request that needs it, so a concurrency limit
/// prevents lookups from occupying all blocking threads of the runtime. The last addresses of a name are remembered, and
/// used if it cannot be looked up. Only allowed addresses are remembered.
#[derive(Clone)]
pub(crate) struct Resolver {
    lookups: Arc<Mutex<Lookups>>,
    allowed: Arc<TargetNetworks>,
    system: SystemLookup,
}

/// Resolves a name; the operating system, except in tests.
type SystemLookup = Arc<dyn Fn(&str) -> io::Result<Vec<IpAddr>> + Send + Sync>;

fn ask_system(name: &str) -> io::Result<Vec<IpAddr>> {
    Ok((name, 0).to_socket_addrs()?.map(|address| address.ip()).collect())
}

/// Why a host has no address to connect to. The caller knows the host, so it is not included.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LookUpError {
    #[error("too many concurrent DNS lookups")]
    Busy,
    #[error("the URL has no host or port")]
    NoHost,
    #[error("all addresses of the host are in networks that are not allowed")]
    Refused,
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
    pub(crate) fn new(allowed: TargetNetworks) -> Self {
        Self::over(allowed, Arc::new(ask_system))
    }

    pub(crate) fn over(allowed: TargetNetworks, system: SystemLookup) -> Self {
        Self { lookups: Arc::default(), allowed: Arc::new(allowed), system }
    }

    /// The allowed addresses of a URL's host, by `deadline`.
    pub(crate) async fn addresses(
        &self,
        organization: &OrganizationId,
        url: &Url,
        deadline: Instant,
    ) -> Result<Vec<SocketAddr>, LookUpError> {
        let (host, port) =
            url.host().zip(url.port_or_known_default()).ok_or(LookUpError::NoHost)?;
        let address: IpAddr = match host {
            Host::Domain(name) => return self.look_up(organization, name, port, deadline).await,
            Host::Ipv4(address) => address.into(),
            Host::Ipv6(address) => address.into(),
        };
        if self.allowed.allow(address) {
            Ok(vec![SocketAddr::new(address, port)])
        } else {
            Err(LookUpError::Refused)
        }
    }

    /// Resolves a name to addresses with this port, by `deadline`. If that fails, and not because the name does not exist
    /// or its addresses are refused, its last addresses are used.
    async fn look_up(
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
            Err(error @ (LookUpError::NoSuchName(_) | LookUpError::Refused)) => return Err(error),
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
        let (resolver, name) = (self.clone(), name.to_owned());
        let looking = spawn_blocking(move || {
            let found = (resolver.system)(&name).map_err(LookUpError::of);
            let found = found.and_then(|found| resolver.only_allowed(found));
            if let Ok(found) = &found {
                resolver.lookups().remember(&name, found.clone(), Instant::now());
            }
            drop(begun);
            found
        });
        looking.await.map_err(LookUpError::Panicked)?
    }

    /// Drops the addresses that are not allowed.
    fn only_allowed(&self, mut addresses: Vec<IpAddr>) -> Result<Vec<IpAddr>, LookUpError> {
        let found = addresses.len();
        addresses.retain(|address| self.allowed.allow(*address));
        if addresses.is_empty() && found > 0 { Err(LookUpError::Refused) } else { Ok(addresses) }
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

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resolver").field("allowed", &self.allowed).finish_non_exhaustive()
    }
}

impl Resolve for Resolver {
    /// For the HTTP client, whose requests look their names up by [`Resolver::addresses`] before. It connects to the
    /// addresses that are returned here and resolves the name no more.
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
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use reqwest::dns::{Name, Resolve as _};
    use switchboard_domain::identifier::OrganizationId;
    use switchboard_domain::target_networks::TargetNetworks;
    use switchboard_domain::time::Timestamp;
    use tokio::time::Instant;
    use url::Url;

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
        let resolver = Resolver::new(TargetNetworks::loopback());
        let found = resolver.look_up(&organization(1), "localhost", 4_567, soon()).await.unwrap();
        assert!(!found.is_empty());
        assert!(found.iter().all(|at| at.ip().is_loopback() && at.port() == 4_567));
    }

    #[tokio::test]
    async fn lookups_of_one_organization_that_hang_leave_places_for_others() {
        let resolver = Resolver::new(TargetNetworks::loopback());
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

    fn resolver(allowed: &str, answers: &'static [&'static [&'static str]]) -> Resolver {
        let allowed = TargetNetworks::parse(allowed).unwrap();
        let asked = AtomicUsize::new(0);
        let answer = move |_name: &str| {
            let number = asked.fetch_add(1, Ordering::Relaxed).min(answers.len() - 1);
            Ok(answers[number].iter().map(|address| address.parse().unwrap()).collect())
        };
        Resolver::over(allowed, Arc::new(answer))
    }

    async fn addresses(resolver: &Resolver, url: &str) -> Result<Vec<String>, LookUpError> {
        let url = Url::parse(url).unwrap();
        let found = resolver.addresses(&organization(1), &url, soon()).await?;
        Ok(found.iter().map(ToString::to_string).collect())
    }

    #[tokio::test]
    async fn a_name_has_only_its_allowed_addresses() {
        let mixed = resolver("", &[&["10.0.0.1", "8.8.8.8", "::1", "169.254.169.254"]]);
        assert_eq!(addresses(&mixed, "http://a.example/").await.unwrap(), ["8.8.8.8:80"]);
        let name: Name = "a.example".parse().unwrap();
        let found: Vec<_> = mixed.resolve(name).await.unwrap().collect();
        assert_eq!(found, ["8.8.8.8:0".parse().unwrap()]);
    }

    #[tokio::test]
    async fn a_name_without_an_allowed_address_is_refused_also_in_the_client() {
        let private = resolver("10.0.0.0/8", &[&["127.0.0.1", "fd00:ec2::254"]]);
        let refused = addresses(&private, "https://a.example/").await.unwrap_err();
        assert!(matches!(refused, LookUpError::Refused), "{refused:?}");
        let refused = private.resolve("a.example".parse().unwrap()).await;
        let refused = refused.map(|_addresses| ()).unwrap_err();
        assert!(matches!(refused.downcast_ref(), Some(LookUpError::Refused)), "{refused:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_name_that_becomes_private_is_refused_although_it_was_public() {
        let rebinding = resolver("", &[&["8.8.8.8"], &["127.0.0.1"]]);
        assert_eq!(addresses(&rebinding, "http://a.example/").await.unwrap(), ["8.8.8.8:80"]);
        tokio::time::advance(Duration::from_secs(60)).await;
        let refused = addresses(&rebinding, "http://a.example/").await.unwrap_err();
        assert!(matches!(refused, LookUpError::Refused), "{refused:?}");
    }

    #[tokio::test]
    async fn an_address_in_a_url_is_checked() {
        let resolver = resolver("10.0.0.0/8", &[&[]]);
        assert_eq!(addresses(&resolver, "https://10.0.0.1/").await.unwrap(), ["10.0.0.1:443"]);
        for url in ["http://2130706433/", "http://0x7f.1/", "http://[::ffff:127.0.0.1]/"] {
            let refused = addresses(&resolver, url).await.unwrap_err();
            assert!(matches!(refused, LookUpError::Refused), "{url}: {refused:?}");
        }
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
