//! DNS resolution by the operating system, with a concurrency limit.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::sync::Semaphore;
use tokio::task::{JoinError, spawn_blocking};

/// The maximum number of concurrent lookups.
const MAX_CONCURRENT: usize = 32;

/// Resolves names, each in a blocking thread. A lookup may outlive the request that needs it, so a concurrency limit
/// prevents lookups from occupying all blocking threads of the runtime.
#[derive(Clone, Debug)]
pub(crate) struct Resolver {
    permits: Arc<Semaphore>,
}

/// Why a name cannot be resolved. The caller knows the name, so it is not included.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LookUpError {
    #[error("too many concurrent DNS lookups")]
    Busy,
    #[error("DNS lookup failed")]
    Failed(#[source] io::Error),
    #[error("DNS lookup aborted")]
    Panicked(#[source] JoinError),
}

impl Resolver {
    pub(crate) fn new() -> Self {
        Self { permits: Arc::new(Semaphore::new(MAX_CONCURRENT)) }
    }

    /// Resolves a name to addresses with this port. Fails immediately if the concurrency limit is reached.
    pub(crate) async fn look_up(
        &self,
        name: &str,
        port: u16,
    ) -> Result<Vec<SocketAddr>, LookUpError> {
        let permit = Arc::clone(&self.permits).try_acquire_owned();
        let permit = permit.map_err(|_at_limit| LookUpError::Busy)?;
        let name = name.to_owned();
        let looking = spawn_blocking(move || {
            let found = (name.as_str(), port).to_socket_addrs().map(Iterator::collect);
            drop(permit);
            found
        });
        looking.await.map_err(LookUpError::Panicked)?.map_err(LookUpError::Failed)
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let resolver = self.clone();
        Box::pin(async move {
            // The client replaces port 0 by the port of the URL.
            let found = resolver.look_up(name.as_str(), 0).await?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{LookUpError, MAX_CONCURRENT, Resolver};

    #[tokio::test]
    async fn localhost_resolves_to_loopback_addresses_with_the_port() {
        let found = Resolver::new().look_up("localhost", 4_567).await.unwrap();
        assert!(!found.is_empty());
        assert!(found.iter().all(|at| at.ip().is_loopback() && at.port() == 4_567));
    }

    #[tokio::test]
    async fn a_permit_is_released_after_the_lookup() {
        let resolver = Resolver::new();
        resolver.look_up("localhost", 0).await.unwrap();
        assert_eq!(resolver.permits.available_permits(), MAX_CONCURRENT);
    }

    #[tokio::test]
    async fn a_lookup_above_the_concurrency_limit_fails_immediately() {
        let resolver = Resolver::new();
        let all = u32::try_from(MAX_CONCURRENT).unwrap();
        let _others = resolver.permits.try_acquire_many(all).unwrap();
        let error = resolver.look_up("localhost", 0).await.unwrap_err();
        assert!(matches!(error, LookUpError::Busy), "{error:?}");
    }
}
