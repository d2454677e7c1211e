//! TLS, with the modes of Postgres' own clients.

use std::path::Path;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::database_url::TlsMode;
use crate::{DatabaseOpenError, PostgresUrl};

/// Why TLS cannot be set up.
#[derive(Debug, thiserror::Error)]
enum TlsError {
    #[error("the file of sslrootcert cannot be read")]
    Authorities(#[source] rustls::pki_types::pem::Error),
    #[error("the file of sslrootcert contains no certificate")]
    NoAuthority,
    #[error("a certificate of the file of sslrootcert cannot be used")]
    Authority(#[source] Error),
    #[error(
        "this machine has no certificate authorities; install ca-certificates or set sslrootcert"
    )]
    NoNativeAuthorities,
    #[error("the certificate authorities cannot be used")]
    Verifier(#[source] rustls::client::VerifierBuilderError),
    #[error("no TLS version is supported")]
    Versions(#[source] Error),
}

/// How connections to that server are encrypted, if they are at all.
pub(super) fn connector(url: &PostgresUrl) -> Result<Option<MakeRustlsConnect>, DatabaseOpenError> {
    let config = match (url.tls, &url.authorities) {
        (TlsMode::Disable, _) => return Ok(None),
        // As Postgres' own clients do: who names authorities wants them asked.
        (TlsMode::Require, Some(_)) => verified(TlsMode::VerifyCa, url.authorities.as_deref()),
        (TlsMode::Prefer | TlsMode::Require, _) => unverified(),
        (mode @ (TlsMode::VerifyCa | TlsMode::VerifyFull), authorities) => {
            verified(mode, authorities.as_deref())
        }
    };
    let config = config.map_err(|source| DatabaseOpenError::Tls { source: Box::new(source) })?;
    Ok(Some(MakeRustlsConnect::new(config)))
}

fn verified(mode: TlsMode, authorities: Option<&Path>) -> Result<ClientConfig, TlsError> {
    let roots = Arc::new(match authorities {
        Some(file) => named_authorities(file)?,
        None => native_authorities()?,
    });
    let chain = WebPkiServerVerifier::builder_with_provider(roots, provider())
        .build()
        .map_err(TlsError::Verifier)?;
    match mode {
        TlsMode::VerifyCa => with_verifier(Arc::new(AnyName(chain))),
        _ => with_verifier(chain),
    }
}

fn unverified() -> Result<ClientConfig, TlsError> {
    with_verifier(Arc::new(Anybody(provider())))
}

fn with_verifier(verifier: Arc<dyn ServerCertVerifier>) -> Result<ClientConfig, TlsError> {
    // The provider is named, so that nothing depends on which one a process has made its default.
    let builder = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Versions)?;
    let config = builder.dangerous().with_custom_certificate_verifier(verifier);
    Ok(config.with_no_client_auth())
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

fn named_authorities(file: &Path) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file).map_err(TlsError::Authorities)? {
        let certificate = certificate.map_err(TlsError::Authorities)?;
        roots.add(certificate).map_err(TlsError::Authority)?;
    }
    if roots.is_empty() { Err(TlsError::NoAuthority) } else { Ok(roots) }
}

fn native_authorities() -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    // Some machines carry certificates that are malformed; the others are enough.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() { Err(TlsError::NoNativeAuthorities) } else { Ok(roots) }
}

/// `verify-ca`: an authority must have signed the certificate, for whatever name.
#[derive(Debug)]
struct AnyName(Arc<WebPkiServerVerifier>);

impl ServerCertVerifier for AnyName {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        match self.0.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
        {
            // The name is the last thing that is looked at, after the chain.
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            other => other,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}

/// `prefer` and `require`: against who listens, not against who pretends to be the server.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
