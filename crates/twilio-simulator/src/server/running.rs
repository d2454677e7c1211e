//! A server that answers for a company.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpServer, web};
use tokio::task::JoinHandle;

use super::wire;
use crate::company::Company;

/// Threads that answer. The work of a request is a visit to a lock, so more would only wait for each other.
const WORKERS: usize = 2;

/// A server that runs. Dropping it stops it.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    handle: ServerHandle,
    task: Option<JoinHandle<std::io::Result<()>>>,
}

/// Answers for the company at a listener that is bound already, inside the current Tokio runtime.
pub fn serve(company: Arc<Company>, listener: TcpListener) -> std::io::Result<Running> {
    let address = listener.local_addr()?;
    let server = HttpServer::new(move || {
        App::new()
            .app_data(web::Data::from(Arc::clone(&company)))
            .default_service(web::to(wire::rest))
    })
    .workers(WORKERS)
    .disable_signals()
    .shutdown_timeout(1)
    .listen(listener)?
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
