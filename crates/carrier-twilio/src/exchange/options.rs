//! The options of the carrier.

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use switchboard_domain::ports::Randomness;
use url::{Host, Url};

/// Limits of size, concurrency and time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The maximum number of concurrent requests of one account.
    pub at_once: NonZeroUsize,
    /// The number of items per page of a list. The maximum at Twilio is 1,000.
    pub page_size: NonZeroUsize,
    /// The timeout for establishing a connection.
    pub connecting: Duration,
    /// The timeout for a whole request, from the connection to the end of the response.
    pub answering: Duration,
}

impl Default for Limits {
    /// 10 concurrent requests, 1,000 items per page, and timeouts of 5 and 15 seconds.
    fn default() -> Self {
        Self {
            at_once: NonZeroUsize::MIN.saturating_add(9),
            page_size: NonZeroUsize::MIN.saturating_add(999),
            connecting: Duration::from_secs(5),
            answering: Duration::from_secs(15),
        }
    }
}

/// How requests are sent to Twilio.
#[derive(Clone)]
pub struct TwilioOptions {
    /// A base URL that replaces all hosts of Twilio, for example that of a proxy or a simulator.
    pub base_url: Option<Url>,
    /// Limits of size, concurrency and time.
    pub limits: Limits,
    /// The source of the jitter between retries.
    pub randomness: Arc<dyn Randomness>,
}

impl TwilioOptions {
    /// Options with the default limits.
    pub fn new(base_url: Option<Url>, randomness: Arc<dyn Randomness>) -> Self {
        Self { base_url, limits: Limits::default(), randomness }
    }
}

impl fmt::Debug for TwilioOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // An invalid base URL may contain a password, so only its host is shown.
        let base = self.base_url.as_ref().and_then(Url::host_str);
        f.debug_struct("TwilioOptions")
            .field("base_host", &base)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

/// Why the options are invalid.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The base URL is not an HTTP URL, or contains more than a host and a path.
    #[error(
        "the base URL must start with http:// or https://, and have a host but no user name, password, query or fragment"
    )]
    Base,
    /// The HTTP client could not be created, usually because certificate authorities are missing.
    #[error("the HTTP client cannot be created; are certificate authorities installed?")]
    Client {
        /// The error of the HTTP client.
        source: reqwest::Error,
    },
}

/// Creates an HTTP client, whose connection pool all accounts share.
pub(crate) fn client(options: &TwilioOptions) -> Result<reqwest::Client, BuildError> {
    // The client requires a cryptography provider. An already installed one is kept.
    let _installed = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("switchboard/", env!("CARGO_PKG_VERSION")))
        // A redirect would send the credentials to another host, and turn a POST into a GET.
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(options.limits.connecting)
        .timeout(options.limits.answering);
    if let Some(base) = &options.base_url {
        if !is_base(base) {
            return Err(BuildError::Base);
        }
        if is_here(base) {
            builder = builder.no_proxy();
        }
        if base.scheme() == "http" {
            // HTTP needs no certificate authorities, so the client also works on machines without them.
            builder = builder.tls_certs_only([]);
        }
    }
    builder.build().map_err(|source| BuildError::Client { source })
}

fn is_base(url: &Url) -> bool {
    let is_http = matches!(url.scheme(), "http" | "https") && url.host().is_some();
    let is_bare = url.username().is_empty() && url.password().is_none();
    is_http && is_bare && url.query().is_none() && url.fragment().is_none()
}

fn is_here(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use switchboard_domain::ports::Randomness;

    use super::{BuildError, TwilioOptions, client};

    struct Nothing;

    impl Randomness for Nothing {
        fn fill(&self, _bytes: &mut [u8]) {}
    }

    fn options(base: &str) -> TwilioOptions {
        TwilioOptions::new(Some(base.parse().unwrap()), Arc::new(Nothing))
    }

    #[test]
    fn a_base_is_an_address_and_nothing_else() {
        for base in ["http://127.0.0.1:9", "https://proxy.example.com/twilio/"] {
            assert!(client(&options(base)).is_ok(), "{base}");
        }
        for base in [
            "ftp://example.com",
            "data:x",
            "http://user@example.com",
            "http://:s3cret@example.com",
            "http://example.com?a=b",
            "http://example.com#a",
        ] {
            let error = client(&options(base)).unwrap_err();
            assert!(matches!(error, BuildError::Base), "{base}");
            let shown = format!("{:?} {error:?} {error}", options(base));
            assert!(!shown.contains("s3cret"));
        }
    }
}
