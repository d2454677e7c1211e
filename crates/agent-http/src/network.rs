//! TLS settings, DNS resolution and HTTP clients for outgoing connections.

use std::fmt;
use std::sync::Arc;

use reqwest::redirect::Policy;
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};

use crate::resolver::Resolver;

/// TLS settings and a DNS resolver. Clones share the concurrency limit of the resolver.
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
    /// Trusts the system's certificate authorities, which are read when this is called.
    pub fn native() -> Result<Self, NetworkError> {
        Self::trusting([])
    }

    /// Trusts these authorities in addition to the system's.
    pub fn trusting(
        authorities: impl IntoIterator<Item = CertificateDer<'static>>,
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
        Ok(Self { tls, resolver: Resolver::new() })
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
    ) -> Result<reqwest::Client, NetworkError> {
        reqwest::Client::builder()
            .user_agent(concat!("switchboard/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            // A proxy for the Internet may not reach private services.
            .no_proxy()
            .pool_max_idle_per_host(max_idle)
            .dns_resolver(self.resolver.clone())
            .tls_backend_preconfigured(tls)
            .build()
            .map_err(|source| NetworkError::Client { source })
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Network").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use rustls::pki_types::CertificateDer;

    use super::{Network, NetworkError};

    #[test]
    fn an_invalid_certificate_is_rejected() {
        let error = Network::trusting([CertificateDer::from(vec![1, 2, 3])]).unwrap_err();
        assert!(matches!(error, NetworkError::Authority { .. }), "{error:?}");
    }
}
