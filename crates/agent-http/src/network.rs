//! The way out: whom to trust, and where names lead.

use std::fmt;
use std::sync::Arc;

use reqwest::redirect::Policy;
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};

use crate::resolver::Resolver;

/// The way out, for everybody who takes it. Clones share the look-ups of names.
#[derive(Clone)]
pub struct Network {
    tls: ClientConfig,
    resolver: Resolver,
}

/// Why there is no way out. None of it goes away by trying again.
#[derive(Debug, thiserror::Error)]
pub enum NetworkError {
    /// A certificate that was given is none.
    #[error("a certificate of an authority cannot be used")]
    Authority {
        /// The cause.
        source: rustls::Error,
    },
    /// The cryptography knows no version of TLS that is safe.
    #[error("no version of TLS can be used")]
    Versions {
        /// The cause.
        source: rustls::Error,
    },
    /// The HTTP client cannot be made.
    #[error("the HTTP client cannot be made")]
    Client {
        /// The cause.
        source: reqwest::Error,
    },
}

impl Network {
    /// Trusts the certificate authorities of this machine, which are read from its files now.
    pub fn native() -> Result<Self, NetworkError> {
        Self::trusting([])
    }

    /// Trusts these authorities besides those of this machine.
    pub fn trusting(
        authorities: impl IntoIterator<Item = CertificateDer<'static>>,
    ) -> Result<Self, NetworkError> {
        let mut roots = RootCertStore::empty();
        // Some machines carry certificates that are malformed; the others are enough.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        for authority in authorities {
            roots.add(authority).map_err(|source| NetworkError::Authority { source })?;
        }
        if roots.is_empty() {
            // Whoever is reached without TLS can be reached all the same.
            tracing::warn!("this machine has no certificate authorities; install ca-certificates");
        }
        // The provider is named, so that nothing depends on which one a process has made its default.
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

    /// A client that keeps so many idle connections to each host.
    pub(crate) fn client(
        &self,
        tls: ClientConfig,
        most_idle: usize,
    ) -> Result<reqwest::Client, NetworkError> {
        reqwest::Client::builder()
            .user_agent(concat!("switchboard/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            // Services of the operator's own are near; a proxy for the Internet may not even reach them.
            .no_proxy()
            .pool_max_idle_per_host(most_idle)
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
    fn what_is_no_certificate_cannot_be_trusted() {
        let error = Network::trusting([CertificateDer::from(vec![1, 2, 3])]).unwrap_err();
        assert!(matches!(error, NetworkError::Authority { .. }), "{error:?}");
    }
}
