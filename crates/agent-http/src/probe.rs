//! Health checks of voice servers.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::future::select_ok;
use reqwest::{Method, StatusCode};
use rustls::client::Resumption;
use rustls::pki_types::ServerName;
use switchboard_domain::agent::VoiceTarget;
use switchboard_domain::causes::Causes;
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::ports::{Reachability, VoiceProbe};
use switchboard_domain::web_address::WebUrl;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsConnector;
use tracing::debug;
use url::{Host, Url};

use crate::network::{Client, Network, NetworkError};
use crate::resolver::{LookUpError, Resolver};

/// The maximum number of addresses tried per name, concurrently.
const MAX_ADDRESSES: usize = 8;

/// Why a health check fails. URLs are omitted, because their path may contain a credential.
#[derive(Debug, thiserror::Error)]
enum ProbeError {
    #[error("invalid URL")]
    Address(#[source] url::ParseError),
    #[error("the URL has no host")]
    NoHost,
    #[error("cannot resolve the host")]
    Resolve(#[source] LookUpError),
    #[error("the host has no address")]
    NoAddress,
    #[error("connection failed")]
    Connection(#[source] io::Error),
    #[error("invalid host name for TLS")]
    Host(#[source] rustls::pki_types::InvalidDnsNameError),
    #[error("TLS handshake failed")]
    Handshake(#[source] io::Error),
    #[error("no response from the health URL")]
    Health(#[source] reqwest::Error),
    #[error("the health URL responded with {0}")]
    Status(StatusCode),
    #[error("timed out")]
    TimedOut,
}

impl ProbeError {
    /// What the failure says about the server.
    const fn reachability(&self) -> Reachability {
        match self {
            // We could not look: that says nothing about the server. Twilio may reach an address that is refused here.
            Self::Resolve(
                LookUpError::Busy
                | LookUpError::Refused
                | LookUpError::Failed(_)
                | LookUpError::TimedOut
                | LookUpError::Panicked(_),
            ) => Reachability::Unknown,
            _ => Reachability::Unreachable,
        }
    }
}

/// Checks a voice server with a new connection each time: a request to the health URL if there is one, a TCP connection
/// for `ws://` and `http://`, and a full TLS handshake with certificate verification for `wss://` and `https://`.
pub struct SocketVoiceProbe {
    http: Client,
    tls: TlsConnector,
    resolver: Resolver,
    timeout_after: Duration,
}

impl SocketVoiceProbe {
    /// The default timeout of a health check.
    pub const TIMEOUT: Duration = Duration::from_secs(2);

    /// Creates a probe whose checks take at most `timeout_after`.
    pub fn new(network: &Network, timeout_after: Duration) -> Result<Self, NetworkError> {
        let mut tls = network.tls();
        // A resumed session would hide an expired certificate.
        tls.resumption = Resumption::disabled();
        Ok(Self {
            http: network.client(tls.clone(), 0)?,
            tls: TlsConnector::from(Arc::new(tls)),
            resolver: network.resolver().clone(),
            timeout_after,
        })
    }

    /// Fails unless the health URL responds with 2xx. The body is ignored.
    async fn check_health(
        &self,
        organization: &OrganizationId,
        url: Url,
    ) -> Result<(), ProbeError> {
        let deadline = Instant::now() + self.timeout_after;
        let request = self.http.request(Method::GET, url, organization, deadline).await;
        let response = request.map_err(ProbeError::Resolve)?.send().await;
        let status = response.map_err(|error| ProbeError::Health(error.without_url()))?.status();
        if status.is_success() { Ok(()) } else { Err(ProbeError::Status(status)) }
    }

    /// Fails unless a connection can be established.
    async fn check_connection(
        &self,
        url: &Url,
        addresses: &[SocketAddr],
    ) -> Result<(), ProbeError> {
        let connection = connect(addresses).await?;
        if matches!(url.scheme(), "wss" | "https") {
            let name = server_name(&url.host().ok_or(ProbeError::NoHost)?)?;
            let mut connection =
                self.tls.connect(name, connection).await.map_err(ProbeError::Handshake)?;
            // Without a clean shutdown, servers may log an aborted connection.
            let _closed = connection.shutdown().await;
        }
        Ok(())
    }
}

/// Connects to the first address that responds. All are tried concurrently, because one may time out.
async fn connect(addresses: &[SocketAddr]) -> Result<TcpStream, ProbeError> {
    let tries = addresses.iter().take(MAX_ADDRESSES);
    let tries: Vec<_> = tries.map(|address| Box::pin(TcpStream::connect(*address))).collect();
    if tries.is_empty() {
        return Err(ProbeError::NoAddress);
    }
    let (connection, _others) = select_ok(tries).await.map_err(ProbeError::Connection)?;
    Ok(connection)
}

/// The name that the certificate must match; a DNS name is also sent in the handshake (SNI).
fn server_name(host: &Host<&str>) -> Result<ServerName<'static>, ProbeError> {
    match *host {
        Host::Domain(name) => ServerName::try_from(name.to_owned()).map_err(ProbeError::Host),
        Host::Ipv4(ip) => Ok(ServerName::IpAddress(ip.into())),
        Host::Ipv6(ip) => Ok(ServerName::IpAddress(ip.into())),
    }
}

#[async_trait]
impl VoiceProbe for SocketVoiceProbe {
    async fn check(
        &self,
        organization: &OrganizationId,
        target: &VoiceTarget,
        health_url: Option<WebUrl>,
    ) -> Reachability {
        let server = match target {
            VoiceTarget::Stream(url) | VoiceTarget::ConversationRelay(url) => url.as_str(),
            VoiceTarget::Twilio(url) => url.as_str(),
            VoiceTarget::Redirect(_) | VoiceTarget::Dial(_) => return Reachability::Reachable,
        };
        let url = health_url.as_ref().map_or(server, WebUrl::as_str);
        let looking = async {
            let parsed = read(url)?;
            let deadline = Instant::now() + self.timeout_after;
            let addresses = self.resolver.addresses(organization, &parsed, deadline).await;
            let addresses = addresses.map_err(ProbeError::Resolve)?;
            // The server gets all of the time, however long the lookup took.
            let looking = async {
                match health_url {
                    Some(_) => self.check_health(organization, parsed).await,
                    None => self.check_connection(&parsed, &addresses).await,
                }
            };
            timeout(self.timeout_after, looking).await.unwrap_or(Err(ProbeError::TimedOut))
        };
        let Err(error) = looking.await else { return Reachability::Reachable };
        let host = Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned));
        debug!(host, error = %Causes(&error), "voice server health check failed");
        error.reachability()
    }
}

fn read(url: &str) -> Result<Url, ProbeError> {
    Url::parse(url).map_err(ProbeError::Address)
}

impl fmt::Debug for SocketVoiceProbe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SocketVoiceProbe")
            .field("timeout_after", &self.timeout_after)
            .finish_non_exhaustive()
    }
}
