//! Starts and stops the HTTP server of a simulator.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpServer, web};
use tokio::task::JoinHandle;

use super::{connect_pages, http_adapter};
use crate::control;
use crate::phone::{PhoneNetwork, Sids, TransportError};
use crate::simulator::Simulator;
use crate::traffic::Dispatcher;

/// Worker threads. Requests spend their time behind one lock, so more threads would not help.
const WORKERS: usize = 2;
/// The maximum size of a request body, in bytes: enough for a seed with several thousand numbers.
const LARGEST_BODY: usize = 16 << 20;

/// A running server. Dropping it stops the server.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    handle: ServerHandle,
    task: Option<JoinHandle<std::io::Result<()>>>,
}

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The listener cannot be used.
    #[error("cannot use the listener")]
    Listener(#[source] std::io::Error),
    /// The clients for webhooks and streams cannot be set up.
    #[error("cannot set up the phone network")]
    Network(#[source] TransportError),
}

/// Serves the simulator on a bound listener, inside the current Tokio runtime. Calls and messages go to the
/// configured URLs.
pub fn serve(simulator: Arc<Simulator>, listener: TcpListener) -> Result<Running, ServeError> {
    let network = PhoneNetwork::new(Sids::random(), Vec::new(), simulator.clock())
        .map_err(ServeError::Network)?;
    serve_through(simulator, Arc::new(network), listener)
}

/// Like [`serve`], with calls and messages delivered by the given network, for example one with URL overrides.
pub fn serve_through(
    simulator: Arc<Simulator>,
    network: Arc<PhoneNetwork>,
    listener: TcpListener,
) -> Result<Running, ServeError> {
    let address = listener.local_addr().map_err(ServeError::Listener)?;
    let dispatcher = Arc::new(Dispatcher::new(Arc::clone(&simulator), network));
    let server = HttpServer::new(move || {
        App::new()
            .app_data(web::Data::from(Arc::clone(&simulator)))
            .app_data(web::Data::from(Arc::clone(&dispatcher)))
            .app_data(web::PayloadConfig::new(LARGEST_BODY))
            .configure(control::configure)
            .configure(connect_pages::configure)
            .default_service(web::to(http_adapter::rest))
    })
    .workers(WORKERS)
    .disable_signals()
    .shutdown_timeout(1)
    .listen(listener)
    .map_err(ServeError::Listener)?
    .run();
    let handle = server.handle();
    Ok(Running { address, handle, task: Some(tokio::spawn(server)) })
}

impl Running {
    /// The address on which it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The base URL: `http://127.0.0.1:PORT`, without a trailing slash.
    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Waits until the server ends, which it does only on failure.
    pub async fn ended(mut self) -> std::io::Result<()> {
        match self.task.take() {
            Some(task) => task.await.map_err(std::io::Error::other)?,
            None => Ok(()),
        }
    }

    /// Stops the server and waits until all of its tasks have ended.
    pub async fn stop(mut self) -> std::io::Result<()> {
        self.handle.stop(false).await;
        match self.task.take() {
            Some(task) => task.await.map_err(std::io::Error::other)?,
            None => Ok(()),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // `stop` takes effect when called; only the returned future is dropped.
        drop(self.handle.stop(false));
    }
}
