//! Accepts media streams.

use std::error::Error;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::accept_async;
use url::Url;

use crate::stream::{self, StreamError};

/// The timeout for reading a session, during which the caller hears silence.
const SESSION_TIMEOUT: Duration = Duration::from_secs(5);

/// The state shared by all streams.
pub(crate) struct Server {
    pub(crate) http: reqwest::Client,
    pub(crate) switchboard: Url,
}

/// Serves media streams on `listener` until the future is dropped. Sessions are read only from `switchboard`, which is
/// switchboard's public URL.
pub async fn serve(listener: TcpListener, switchboard: Url) -> io::Result<()> {
    // The HTTP client requires a default provider. Fails if one is already installed, which is then used.
    let _installed = rustls::crypto::ring::default_provider().install_default();
    // Connects directly, independent of proxy settings in the environment.
    let http = reqwest::Client::builder().no_proxy().timeout(SESSION_TIMEOUT).build();
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
    stream::run(socket, server).await
}
