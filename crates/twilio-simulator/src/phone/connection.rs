//! Raw TCP and TLS connections, used for `WebSocket`s and for truncated requests.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use url::{Host, Url};

/// The connect timeout (Twilio, Connection Overrides: `ct`).
const TIMEOUT: Duration = Duration::from_secs(5);

/// A connection, with or without TLS.
pub(crate) trait Connection: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Connection for T {}

/// Why a connection cannot be established.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectError {
    #[error("no connection within 5 s")]
    TimedOut,
    #[error("connection refused")]
    Refused(#[source] io::Error),
    #[error("TLS handshake failed")]
    Tls(#[source] io::Error),
    #[error("host unreachable")]
    RouteError(#[source] io::Error),
    #[error("the URL has no valid host")]
    NoHost,
}

/// A TLS configuration that trusts the system's certificate authorities. Without any, every TLS connection fails.
pub(crate) fn trust() -> Result<Arc<ClientConfig>, rustls::Error> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(Arc::new(config.with_root_certificates(roots).with_no_client_auth()))
}

/// Connects to the host of a URL: with TLS for `https` and `wss`, without for `http` and `ws`.
pub(crate) async fn connect(
    url: &Url,
    trust: &Arc<ClientConfig>,
) -> Result<Box<dyn Connection>, ConnectError> {
    tokio::time::timeout(TIMEOUT, connect_without_limit(url, trust))
        .await
        .unwrap_or(Err(ConnectError::TimedOut))
}

async fn connect_without_limit(
    url: &Url,
    trust: &Arc<ClientConfig>,
) -> Result<Box<dyn Connection>, ConnectError> {
    let (host, name) = match url.host().ok_or(ConnectError::NoHost)? {
        Host::Domain(name) => (name.to_owned(), ServerName::try_from(name.to_owned())),
        Host::Ipv4(ip) => (ip.to_string(), Ok(ServerName::from(std::net::IpAddr::from(ip)))),
        Host::Ipv6(ip) => (ip.to_string(), Ok(ServerName::from(std::net::IpAddr::from(ip)))),
    };
    let is_secure = matches!(url.scheme(), "https" | "wss");
    let port = url.port_or_known_default().unwrap_or(if is_secure { 443 } else { 80 });
    let stream =
        TcpStream::connect((host.as_str(), port)).await.map_err(|error| match error.kind() {
            io::ErrorKind::ConnectionRefused => ConnectError::Refused(error),
            io::ErrorKind::TimedOut => ConnectError::TimedOut,
            _ => ConnectError::RouteError(error),
        })?;
    // Disables Nagle's algorithm, so that frames of 20 ms are not delayed.
    stream.set_nodelay(true).map_err(ConnectError::RouteError)?;
    if !is_secure {
        return Ok(Box::new(stream));
    }
    let name = name.map_err(|_not_a_name| ConnectError::NoHost)?;
    let connector = TlsConnector::from(Arc::clone(trust));
    let stream = connector.connect(name, stream).await.map_err(ConnectError::Tls)?;
    Ok(Box::new(stream))
}
