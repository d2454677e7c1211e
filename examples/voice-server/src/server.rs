//! Accepts streams.

use std::error::Error;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::accept_async;
use url::Url;

use crate::stream::{self, StreamError};

/// How long switchboard may take to hand out a session: the caller hears nothing meanwhile.
const PATIENCE: Duration = Duration::from_secs(5);

/// What all streams share.
pub(crate) struct Server {
    pub(crate) http: reqwest::Client,
    pub(crate) switchboard: Url,
}

/// Serves media streams that come in at `listener`, until it is dropped. Sessions are read from `switchboard`,
/// its public URL, and from nowhere else.
pub async fn serve(listener: TcpListener, switchboard: Url) -> io::Result<()> {
    // Without a provider the client cannot be built; one that is installed already stays.
    let _installed = rustls::crypto::ring::default_provider().install_default();
    // Switchboard is a neighbour: no proxy stands between, whatever the environment says.
    let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build();
    let http = http.map_err(io::Error::other)?;
    let server = Arc::new(Server { http, switchboard });
    loop {
        let (connection, _peer) = listener.accept().await?;
        let server = Arc::clone(&server);
        tokio::spawn(async move {
            if let Err(error) = stream(connection, &server).await {
                let cause = error.source().map(ToString::to_string);
                tracing::warn!(%error, cause, "stream failed");
            }
        });
    }
}

async fn stream(connection: TcpStream, server: &Server) -> Result<(), StreamError> {
    let socket = accept_async(connection).await.map_err(StreamError::Broken)?;
    stream::hold(socket, server).await
}
