//! `switchboard serve`: answer, and on a signal leave without dropping anybody.

mod assembly;
mod http;
mod shutdown;
mod telemetry;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

pub(crate) use assembly::{Assembly, AssemblyError, Parts};
pub(crate) use telemetry::{LogFormat, start_logging};

use http::Operations;
use switchboard_domain::ports::StoreProbe;

/// How long requests that were accepted may take to end.
const DRAIN: Duration = Duration::from_secs(8);
/// How long what waits to be written may take.
const FINISH: Duration = Duration::from_secs(10);

/// Why the server does not run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ServeError {
    /// The parts do not fit.
    #[error("the server could not be put together")]
    Assembly(#[source] AssemblyError),
    /// The metrics cannot be counted.
    #[error("metrics could not be started")]
    Metrics(#[source] metrics_exporter_prometheus::BuildError),
    /// The address is taken, or not ours.
    #[error("cannot listen on {address}; set SWITCHBOARD_LISTEN to an address that is free")]
    Listen {
        /// The address.
        address: std::net::SocketAddr,
        /// The cause.
        source: std::io::Error,
    },
    /// A signal cannot be waited for.
    #[error("signals cannot be waited for")]
    Signals(#[source] std::io::Error),
}

/// A server that answers.
pub(crate) struct Running {
    assembly: Assembly,
    operations: Arc<Operations>,
    handle: actix_web::dev::ServerHandle,
    server: tokio::task::JoinHandle<std::io::Result<()>>,
    /// Where it listens; the port is the one that was found if none was asked for.
    pub(crate) address: std::net::SocketAddr,
}

/// Puts a server together and starts it.
pub(crate) async fn start(
    parts: Parts,
    probe: Arc<dyn StoreProbe>,
    address: std::net::SocketAddr,
) -> Result<Running, ServeError> {
    let metrics = telemetry::start_metrics().map_err(ServeError::Metrics)?;
    let assembly = Assembly::new(parts).await.map_err(ServeError::Assembly)?;
    let operations = Arc::new(Operations { probe, metrics, leaving: AtomicBool::new(false) });
    let (server, bound) = http::listen(address, &assembly.desk, &operations, DRAIN)
        .map_err(|source| ServeError::Listen { address, source })?;
    let handle = server.handle();
    let server = tokio::spawn(server);
    assembly.start();
    let address = bound.first().copied().unwrap_or(address);
    tracing::info!(%address, accounts = assembly.directory.len(), "listening");
    Ok(Running { assembly, operations, handle, server, address })
}

impl Running {
    /// Answers until a signal comes, then leaves: unready first, then no new connections, then what was
    /// accepted is answered, then what waits is written.
    pub(crate) async fn until_signal(self) -> Result<(), ServeError> {
        let signal = shutdown::signal().await.map_err(ServeError::Signals)?;
        self.operations.leaving.store(true, Ordering::Release);
        tracing::info!(signal = signal.as_str(), "leaving");
        tokio::time::sleep(signal.notice()).await;
        self.assembly.desk.drain();
        self.handle.stop(true).await;
        if let Ok(Err(error)) = self.server.await {
            tracing::error!(error = &error as &dyn std::error::Error, "the server ended badly");
        }
        if tokio::time::timeout(FINISH, self.assembly.finish()).await.is_err() {
            tracing::error!("calls were not recorded in time");
        }
        tracing::info!("gone");
        Ok(())
    }
}
