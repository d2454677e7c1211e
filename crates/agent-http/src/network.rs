//! TLS settings, DNS resolution and HTTP clients for outgoing connections.

use std::fmt;
use std::sync::Arc;

use reqwest::redirect::Policy;
use reqwest::{Method, RequestBuilder};
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};
use switchboard_domain::identifier::OrganizationId;
use switchboard_domain::target_networks::TargetNetworks;
use tokio::time::Instant;
use url::Url;

use crate::resolver::{LookUpError, Resolver};

/// TLS settings and a DNS resolver, which refuses addresses that are not allowed. Clones share the concurrency limit of
/// the resolver.
#[derive(Clone)]
pub struct Network {
    tls: ClientConfig,
    resolver: Resolver,
}

/// Why outgoing connections cannot be set up. A retry fails again.
#[derive(Debug, thiserror::Error)]
pub enum NetworkError {
    /// The certificate of an authority is invalid.
    #[error("invalid certificate of an authority")]
    Authority {
        /// The underlying error.
        source: rustls::Error,
    },
    /// The cryptography provider supports no safe TLS version.
    #[error("no supported TLS version")]
    Versions {
        /// The underlying error.
        source: rustls::Error,
    },
    /// The HTTP client cannot be built.
    #[error("cannot build the HTTP client")]
    Client {
        /// The underlying error.
        source: reqwest::Error,
    },
}

impl Network {
    /// Trusts the system's certificate authorities, which are read when this is called. Connects to public addresses and
    /// to those in `allowed`.
    pub fn native(allowed: TargetNetworks) -> Result<Self, NetworkError> {
        Self::trusting([], allowed)
    }

    /// Trusts these authorities in addition to the system's.
    pub fn trusting(
        authorities: impl IntoIterator<Item = CertificateDer<'static>>,
        allowed: TargetNetworks,
    ) -> Result<Self, NetworkError> {
        let mut roots = RootCertStore::empty();
        // Malformed system certificates are ignored.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        for authority in authorities {
            roots.add(authority).map_err(|source| NetworkError::Authority { source })?;
        }
        if roots.is_empty() {
            // Connections without TLS still work.
            tracing::warn!("no certificate authorities found; TLS connections will fail");
        }
        // The explicit provider makes this independent of the default provider of the process.
        let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|source| NetworkError::Versions { source })?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self { tls, resolver: Resolver::new(allowed) })
    }

    pub(crate) fn tls(&self) -> ClientConfig {
        self.tls.clone()
    }

    pub(crate) const fn resolver(&self) -> &Resolver {
        &self.resolver
    }

    /// An HTTP client that keeps up to `max_idle` idle connections per host.
    pub(crate) fn client(
        &self,
        tls: ClientConfig,
        max_idle: usize,
    ) -> Result<Client, NetworkError> {
        let http = reqwest::Client::builder()
            .user_agent(concat!("switchboard/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            // A proxy would resolve the name again, to an address that is not checked.
            .no_proxy()
            .pool_max_idle_per_host(max_idle)
            .dns_resolver(self.resolver.clone())
            .tls_backend_preconfigured(tls)
            .build()
            .map_err(|source| NetworkError::Client { source })?;
        Ok(Client { http, resolver: self.resolver.clone() })
    }
}

/// An HTTP client that connects to allowed addresses only.
pub(crate) struct Client {
    http: reqwest::Client,
    resolver: Resolver,
}

impl Client {
    /// Begins a request after checking the addresses of the host. An address in the URL never reaches the resolver of the
    /// HTTP client, so it is checked here; a name is looked up by the share of the organization.
    pub(crate) async fn request(
        &self,
        method: Method,
        url: Url,
        organization: &OrganizationId,
        deadline: Instant,
    ) -> Result<RequestBuilder, LookUpError> {
        self.resolver.addresses(organization, &url, deadline).await?;
        Ok(self.http.request(method, url))
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Network").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::Duration;

    use reqwest::Method;
    use rustls::pki_types::CertificateDer;
    use switchboard_domain::identifier::OrganizationId;
    use switchboard_domain::target_networks::TargetNetworks;
    use switchboard_domain::time::Timestamp;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;
    use tokio::time::Instant;
    use url::Url;

    use super::{Network, NetworkError};
    use crate::resolver::Resolver;

    #[test]
    fn an_invalid_certificate_is_rejected() {
        let error =
            Network::trusting([CertificateDer::from(vec![1, 2, 3])], TargetNetworks::default())
                .unwrap_err();
        assert!(matches!(error, NetworkError::Authority { .. }), "{error:?}");
    }

    /// A name first resolves to an allowed address, and to a refused one from then on.
    #[tokio::test]
    async fn the_connection_uses_the_address_that_was_checked() {
        let allowed = TcpListener::bind("127.0.0.2:0").await.unwrap();
        let port = allowed.local_addr().unwrap().port();
        let refused = std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
        refused.set_nonblocking(true).unwrap();
        let mut network = Network::native(TargetNetworks::default()).unwrap();
        let asked = AtomicBool::new(false);
        let answer = move |_name: &str| {
            let first = !asked.swap(true, Ordering::Relaxed);
            Ok(vec![IpAddr::from([127, 0, 0, if first { 2 } else { 1 }])])
        };
        let networks = TargetNetworks::parse("127.0.0.2").unwrap();
        network.resolver = Resolver::over(networks, Arc::new(answer));
        let client = network.client(network.tls(), 0).unwrap();
        let url = Url::parse(&format!("http://rebinding.example:{port}/")).unwrap();
        let organization = OrganizationId::new(Timestamp::from_seconds(0), [1; 10]);
        let deadline = Instant::now() + Duration::from_secs(60);
        let request = client.request(Method::GET, url, &organization, deadline).await.unwrap();
        let answering = async {
            let (mut connection, _peer) = allowed.accept().await.unwrap();
            // A response before the request is an error.
            let _request = connection.read(&mut [0; 1_024]).await.unwrap();
            let answer = b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n";
            connection.write_all(answer).await.unwrap();
            connection
        };
        let (response, _connection) = tokio::join!(request.send(), answering);
        assert_eq!(response.unwrap().status(), 204);
        let nobody = refused.accept().unwrap_err();
        assert_eq!(nobody.kind(), std::io::ErrorKind::WouldBlock);
    }
}
