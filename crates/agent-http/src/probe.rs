//! Whether voice servers are there.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::future::select_ok;
use reqwest::StatusCode;
use rustls::client::Resumption;
use rustls::pki_types::ServerName;
use switchboard_domain::agent::VoiceTarget;
use switchboard_domain::causes::Causes;
use switchboard_domain::ports::VoiceProbe;
use switchboard_domain::web_address::WebUrl;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tracing::debug;
use url::{Host, Url};

use crate::network::{Network, NetworkError};
use crate::resolver::{LookUpError, Resolver};

/// So many addresses of one name are tried, all at once.
const MOST_ADDRESSES: usize = 8;

/// Why a server is not there. None of it tells a path, which may be a credential.
#[derive(Debug, thiserror::Error)]
enum Absence {
    #[error("the address cannot be read")]
    Address(#[source] url::ParseError),
    #[error("the address has no host and port")]
    NoHost,
    #[error("the name leads nowhere")]
    Name(#[source] LookUpError),
    #[error("the name has no address")]
    Nowhere,
    #[error("no connection came about")]
    Connection(#[source] io::Error),
    #[error("no certificate can be for this host")]
    Host(#[source] rustls::pki_types::InvalidDnsNameError),
    #[error("the TLS handshake failed")]
    Handshake(#[source] io::Error),
    #[error("the health URL did not answer")]
    Health(#[source] reqwest::Error),
    #[error("the health URL answered {0}")]
    Status(StatusCode),
    #[error("it took too long")]
    Silence,
}

/// Looks with a connection of its own each time: by a request to the health URL where there is one, by TCP for
/// `ws://`, and by TCP and a whole TLS handshake, the certificate checked, for `wss://`.
pub struct SocketVoiceProbe {
    http: reqwest::Client,
    tls: TlsConnector,
    resolver: Resolver,
    patience: Duration,
}

impl SocketVoiceProbe {
    /// How long a server is waited for, all in all.
    pub const PATIENCE: Duration = Duration::from_secs(2);

    /// Looks at nobody yet, and at each server no longer than `patience`.
    pub fn new(network: &Network, patience: Duration) -> Result<Self, NetworkError> {
        let mut tls = network.tls();
        // A session that is taken up again hides a certificate that has run out since.
        tls.resumption = Resumption::disabled();
        Ok(Self {
            http: network.client(tls.clone(), 0)?,
            tls: TlsConnector::from(Arc::new(tls)),
            resolver: network.resolver().clone(),
            patience,
        })
    }

    /// Whether the health URL answers with 2xx. What else it says does not matter.
    async fn is_healthy(&self, url: Url) -> Result<(), Absence> {
        let request = self.http.get(url).send().await;
        let status = request.map_err(|error| Absence::Health(error.without_url()))?.status();
        if status.is_success() { Ok(()) } else { Err(Absence::Status(status)) }
    }

    /// Whether a connection comes about.
    async fn is_reached(&self, url: &Url) -> Result<(), Absence> {
        let (host, port) = url.host().zip(url.port_or_known_default()).ok_or(Absence::NoHost)?;
        let addresses = match host {
            Host::Domain(name) => self.resolver.look_up(name, port).await.map_err(Absence::Name)?,
            Host::Ipv4(ip) => vec![SocketAddr::from((ip, port))],
            Host::Ipv6(ip) => vec![SocketAddr::from((ip, port))],
        };
        let connection = connect(&addresses).await?;
        if url.scheme() == "wss" {
            let name = server_name(&host)?;
            let mut connection =
                self.tls.connect(name, connection).await.map_err(Absence::Handshake)?;
            // Out of politeness: without it, servers may log that they were cut off.
            let _goodbye = connection.shutdown().await;
        }
        Ok(())
    }
}

/// A connection to one of the addresses: all are tried at once, as one that is dead would use up the time.
async fn connect(addresses: &[SocketAddr]) -> Result<TcpStream, Absence> {
    let tries = addresses.iter().take(MOST_ADDRESSES);
    let tries: Vec<_> = tries.map(|address| Box::pin(TcpStream::connect(*address))).collect();
    if tries.is_empty() {
        return Err(Absence::Nowhere);
    }
    let (connection, _others) = select_ok(tries).await.map_err(Absence::Connection)?;
    Ok(connection)
}

/// What the certificate must be for, and what the server is told in the handshake (SNI) if it is a name.
fn server_name(host: &Host<&str>) -> Result<ServerName<'static>, Absence> {
    match *host {
        Host::Domain(name) => ServerName::try_from(name.to_owned()).map_err(Absence::Host),
        Host::Ipv4(ip) => Ok(ServerName::IpAddress(ip.into())),
        Host::Ipv6(ip) => Ok(ServerName::IpAddress(ip.into())),
    }
}

#[async_trait]
impl VoiceProbe for SocketVoiceProbe {
    async fn is_there(&self, target: &VoiceTarget, health_url: Option<WebUrl>) -> bool {
        let stream = match target {
            VoiceTarget::Stream(url) | VoiceTarget::ConversationRelay(url) => url,
            VoiceTarget::Redirect(_) | VoiceTarget::Dial(_) => return true,
        };
        let looking = async {
            match &health_url {
                Some(url) => self.is_healthy(read(url.as_str())?).await,
                None => self.is_reached(&read(stream.as_str())?).await,
            }
        };
        let looked = timeout(self.patience, looking).await.unwrap_or(Err(Absence::Silence));
        let Err(absence) = looked else { return true };
        let url = health_url.as_ref().map_or(stream.as_str(), WebUrl::as_str);
        let host = Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned));
        debug!(host, error = %Causes(&absence), "a voice server is not there");
        false
    }
}

fn read(url: &str) -> Result<Url, Absence> {
    Url::parse(url).map_err(Absence::Address)
}

impl fmt::Debug for SocketVoiceProbe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SocketVoiceProbe").field("patience", &self.patience).finish_non_exhaustive()
    }
}
