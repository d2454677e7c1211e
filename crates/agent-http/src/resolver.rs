//! Where names lead, as the machine itself is told.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::sync::Semaphore;
use tokio::task::{JoinError, spawn_blocking};

/// So many names are looked up at once.
const AT_ONCE: usize = 32;

/// Looks names up, each in a thread. Whoever asked may have gone long before the machine gives up, and the thread
/// stays; so there are never more of them than some, and the runtime's others are left to those who need them too.
#[derive(Clone, Debug)]
pub(crate) struct Resolver {
    turns: Arc<Semaphore>,
}

/// Why a name leads nowhere. It does not tell the name: whoever asked knows it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LookUpError {
    #[error("too many names are being looked up already")]
    Busy,
    #[error("the name cannot be looked up")]
    Failed(#[source] io::Error),
    #[error("the look-up was given up")]
    GivenUp(#[source] JoinError),
}

impl Resolver {
    pub(crate) fn new() -> Self {
        Self { turns: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    /// The addresses of a name, at a port. It MUST NOT wait for others who look up.
    pub(crate) async fn look_up(
        &self,
        name: &str,
        port: u16,
    ) -> Result<Vec<SocketAddr>, LookUpError> {
        let turn = Arc::clone(&self.turns).try_acquire_owned();
        let turn = turn.map_err(|_no_turn_left| LookUpError::Busy)?;
        let name = name.to_owned();
        let looking = spawn_blocking(move || {
            let found = (name.as_str(), port).to_socket_addrs().map(Iterator::collect);
            drop(turn);
            found
        });
        looking.await.map_err(LookUpError::GivenUp)?.map_err(LookUpError::Failed)
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let resolver = self.clone();
        Box::pin(async move {
            // The client puts the port of its URL in the place of 0.
            let found = resolver.look_up(name.as_str(), 0).await?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{AT_ONCE, LookUpError, Resolver};

    #[tokio::test]
    async fn this_machine_is_found_at_the_port() {
        let found = Resolver::new().look_up("localhost", 4_567).await.unwrap();
        assert!(!found.is_empty());
        assert!(found.iter().all(|at| at.ip().is_loopback() && at.port() == 4_567));
    }

    #[tokio::test]
    async fn a_turn_ends_with_its_look_up() {
        let resolver = Resolver::new();
        resolver.look_up("localhost", 0).await.unwrap();
        assert_eq!(resolver.turns.available_permits(), AT_ONCE);
    }

    #[tokio::test]
    async fn nobody_waits_for_a_turn() {
        let resolver = Resolver::new();
        let all = u32::try_from(AT_ONCE).unwrap();
        let _others = resolver.turns.try_acquire_many(all).unwrap();
        let error = resolver.look_up("localhost", 0).await.unwrap_err();
        assert!(matches!(error, LookUpError::Busy), "{error:?}");
    }
}
