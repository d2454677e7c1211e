//! A server that answers for a company.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpServer, web};
use tokio::task::JoinHandle;

use super::wire;
use crate::company::Company;
use crate::control;
use crate::phone::{Exchange, NetworkError, Sids};
use crate::traffic::Switchroom;

/// Threads that answer. The work of a request is a visit to a lock, so more would only wait for each other.
const WORKERS: usize = 2;
/// Enough for a seed with many thousand numbers, in bytes.
const LARGEST_BODY: usize = 16 << 20;

/// A server that runs. Dropping it stops it.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    handle: ServerHandle,
    task: Option<JoinHandle<std::io::Result<()>>>,
}

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The listener cannot be used. A bound one helps.
    #[error("the listener cannot be used")]
    Listener(#[source] std::io::Error),
    /// Customers' servers cannot be reached from this machine.
    #[error("calls and messages cannot be put through")]
    Network(#[source] NetworkError),
}

/// Answers for the company at a listener that is bound already, inside the current Tokio runtime. Calls and
/// messages go to the very URLs that are configured.
pub fn serve(company: Arc<Company>, listener: TcpListener) -> Result<Running, ServeError> {
    let exchange = Exchange::new(Sids::random(), Vec::new()).map_err(ServeError::Network)?;
    serve_through(company, Arc::new(exchange), listener)
}

/// The same, with calls and messages through an exchange of the caller's own: one that takes detours, for
/// example.
pub fn serve_through(
    company: Arc<Company>,
    exchange: Arc<Exchange>,
    listener: TcpListener,
) -> Result<Running, ServeError> {
    let address = listener.local_addr().map_err(ServeError::Listener)?;
    let switchroom = Arc::new(Switchroom::new(Arc::clone(&company), exchange));
    let server = HttpServer::new(move || {
        App::new()
            .app_data(web::Data::from(Arc::clone(&company)))
            .app_data(web::Data::from(Arc::clone(&switchroom)))
            .app_data(web::PayloadConfig::new(LARGEST_BODY))
            .configure(control::configure)
            .default_service(web::to(wire::rest))
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
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The base of every URL: `http://127.0.0.1:PORT`, without a slash at its end.
    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Waits until it has ended, which it does only if it fails.
    pub async fn ended(mut self) -> std::io::Result<()> {
        match self.task.take() {
            Some(task) => task.await.map_err(std::io::Error::other)?,
            None => Ok(()),
        }
    }

    /// Stops it, and waits until nothing of it runs any more.
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
        // The order is given at once; nobody waits for it here.
        drop(self.handle.stop(false));
    }
}
