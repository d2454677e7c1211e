//! How the phone company reaches its customers' servers.

use std::sync::Arc;
use std::time::Duration;

use reqwest::redirect::Policy;
use rustls::ClientConfig;
use url::Url;

use super::delivery::{Detour, detoured};
use super::wire::{self, Wire, WireError};

/// HTTP and plain connections, with one trust and one set of detours.
pub(crate) struct Network {
    trust: Arc<ClientConfig>,
    http: reqwest::Client,
    detours: Vec<Detour>,
}

/// Why the phone company cannot start.
#[derive(Debug, thiserror::Error)]
pub enum NetworkError {
    /// TLS cannot be set up on this machine.
    #[error("TLS cannot be set up")]
    Tls(#[source] rustls::Error),
    /// The HTTP client cannot be built.
    #[error("the HTTP client cannot be built")]
    Http(#[source] reqwest::Error),
}

impl Network {
    pub(crate) fn new(detours: Vec<Detour>) -> Result<Self, NetworkError> {
        let trust = wire::trust().map_err(NetworkError::Tls)?;
        let patience = (Duration::from_secs(5), Duration::from_secs(15));
        let http = client(&trust, patience).map_err(NetworkError::Http)?;
        Ok(Self { trust, http, detours })
    }

    /// The client with Twilio's usual time-outs.
    pub(crate) fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// A client with other time-outs, for connecting and for reading.
    pub(crate) fn http_with(
        &self,
        connect: Duration,
        read: Duration,
    ) -> reqwest::Result<reqwest::Client> {
        client(&self.trust, (connect, read))
    }

    /// Where a URL really is.
    pub(crate) fn detoured(&self, url: &Url) -> Option<Url> {
        detoured(&self.detours, url)
    }

    /// A connection to the server of a URL.
    pub(crate) async fn connect(&self, url: &Url) -> Result<Box<dyn Wire>, WireError> {
        wire::connect(url, &self.trust).await
    }
}

fn client(
    trust: &Arc<ClientConfig>,
    (connect, read): (Duration, Duration),
) -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder()
        .tls_backend_preconfigured(ClientConfig::clone(trust))
        .redirect(Policy::none())
        // What a proxy of this machine is for is not known; the servers are reached directly, as Twilio would.
        .no_proxy()
        .connect_timeout(connect)
        .read_timeout(read)
        .user_agent("TwilioProxy/1.1")
        .build()
}
