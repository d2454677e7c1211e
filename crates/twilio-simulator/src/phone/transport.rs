//! HTTP clients and connections to customers' servers.

use std::sync::Arc;
use std::time::Duration;

use reqwest::redirect::Policy;
use rustls::ClientConfig;
use url::Url;

use super::connection::{self, ConnectError, Connection};
use super::delivery::{UrlOverride, resolve_url};

/// HTTP clients and raw connections with shared TLS settings and URL overrides.
pub(crate) struct Transport {
    trust: Arc<ClientConfig>,
    http: reqwest::Client,
    url_overrides: Vec<UrlOverride>,
}

/// Why the network clients cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// TLS cannot be set up.
    #[error("cannot set up TLS")]
    Tls(#[source] rustls::Error),
    /// The HTTP client cannot be built.
    #[error("cannot build the HTTP client")]
    Http(#[source] reqwest::Error),
}

impl Transport {
    pub(crate) fn new(url_overrides: Vec<UrlOverride>) -> Result<Self, TransportError> {
        let trust = connection::trust().map_err(TransportError::Tls)?;
        let max_duration = (Duration::from_secs(5), Duration::from_secs(15));
        let http = client(&trust, max_duration).map_err(TransportError::Http)?;
        Ok(Self { trust, http, url_overrides })
    }

    /// The client with Twilio's default timeouts: 5 s to connect, 15 s to read.
    pub(crate) fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// A client with other timeouts.
    pub(crate) fn http_with(
        &self,
        connect: Duration,
        read: Duration,
    ) -> reqwest::Result<reqwest::Client> {
        client(&self.trust, (connect, read))
    }

    /// The URL to which a request for `url` is redirected, or `None` if no override applies.
    pub(crate) fn resolve_url(&self, url: &Url) -> Option<Url> {
        resolve_url(&self.url_overrides, url)
    }

    /// Connects to the server of a URL.
    pub(crate) async fn connect(&self, url: &Url) -> Result<Box<dyn Connection>, ConnectError> {
        connection::connect(url, &self.trust).await
    }
}

fn client(
    trust: &Arc<ClientConfig>,
    (connect, read): (Duration, Duration),
) -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder()
        .tls_backend_preconfigured(ClientConfig::clone(trust))
        .redirect(Policy::none())
        // Like Twilio, ignores the proxy settings of this machine.
        .no_proxy()
        .connect_timeout(connect)
        .read_timeout(read)
        .user_agent("TwilioProxy/1.1")
        .build()
}
