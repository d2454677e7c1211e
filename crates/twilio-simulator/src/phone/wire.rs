//! Connections that are opened without an HTTP client: to voice servers, and for requests that are cut off.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use url::{Host, Url};

/// How long a connection may take to come about (Twilio, Connection Overrides: "ct").
const PATIENCE: Duration = Duration::from_secs(5);

/// A connection, with or without TLS.
pub(crate) trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WireError {
    #[error("no connection within 5 s")]
    TimedOut,
    #[error("the connection was refused")]
    Refused(#[source] io::Error),
    #[error("TLS could not be agreed on")]
    Tls(#[source] io::Error),
    #[error("the host cannot be reached")]
    Unreachable(#[source] io::Error),
    #[error("the URL has no host that can be connected to")]
    NoHost,
}

/// Trust in the certificate authorities of this machine. Where it has none, every TLS connection fails.
pub(crate) fn trust() -> Result<Arc<ClientConfig>, rustls::Error> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(Arc::new(config.with_root_certificates(roots).with_no_client_auth()))
}

/// Connects to the host of a URL: with TLS for `https` and `wss`, without it for `http` and `ws`.
pub(crate) async fn connect(
    url: &Url,
    trust: &Arc<ClientConfig>,
) -> Result<Box<dyn Wire>, WireError> {
    tokio::time::timeout(PATIENCE, connect_patiently(url, trust))
        .await
        .unwrap_or(Err(WireError::TimedOut))
}

async fn connect_patiently(
    url: &Url,
    trust: &Arc<ClientConfig>,
) -> Result<Box<dyn Wire>, WireError> {
    let (host, name) = match url.host().ok_or(WireError::NoHost)? {
        Host::Domain(name) => (name.to_owned(), ServerName::try_from(name.to_owned())),
        Host::Ipv4(ip) => (ip.to_string(), Ok(ServerName::from(std::net::IpAddr::from(ip)))),
        Host::Ipv6(ip) => (ip.to_string(), Ok(ServerName::from(std::net::IpAddr::from(ip)))),
    };
    let is_secure = matches!(url.scheme(), "https" | "wss");
    let port = url.port_or_known_default().unwrap_or(if is_secure { 443 } else { 80 });
    let stream =
        TcpStream::connect((host.as_str(), port)).await.map_err(|error| match error.kind() {
            io::ErrorKind::ConnectionRefused => WireError::Refused(error),
            io::ErrorKind::TimedOut => WireError::TimedOut,
            _ => WireError::Unreachable(error),
        })?;
    // Frames of 20 ms must not wait for one another.
    stream.set_nodelay(true).map_err(WireError::Unreachable)?;
    if !is_secure {
        return Ok(Box::new(stream));
    }
    let name = name.map_err(|_not_a_name| WireError::NoHost)?;
    let connector = TlsConnector::from(Arc::clone(trust));
    let stream = connector.connect(name, stream).await.map_err(WireError::Tls)?;
    Ok(Box::new(stream))
}
