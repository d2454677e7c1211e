//! What is chosen when the carrier is made.

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use switchboard_domain::ports::Randomness;
use url::{Host, Url};

/// How much and how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many requests of one account are under way at once.
    pub at_once: NonZeroUsize,
    /// How many items a page of a list has; Twilio gives at most 1,000.
    pub page_size: NonZeroUsize,
    /// How long a connection may take to come about.
    pub connecting: Duration,
    /// How long a request may take, from the connection to the end of the answer.
    pub answering: Duration,
}

impl Default for Limits {
    /// 10 requests at once, 1,000 items a page, 5 and 15 seconds.
    fn default() -> Self {
        Self {
            at_once: NonZeroUsize::MIN.saturating_add(9),
            page_size: NonZeroUsize::MIN.saturating_add(999),
            connecting: Duration::from_secs(5),
            answering: Duration::from_secs(15),
        }
    }
}

/// How Twilio is reached.
#[derive(Clone)]
pub struct TwilioOptions {
    /// One base for all of Twilio's hosts, such as a proxy or a simulator; without one, Twilio's own hosts.
    pub base_url: Option<Url>,
    /// How much and how long.
    pub limits: Limits,
    /// The source of the jitter between retries.
    pub randomness: Arc<dyn Randomness>,
}

impl TwilioOptions {
    /// Twilio's own hosts, or one base for all of them, with the usual limits.
    pub fn new(base_url: Option<Url>, randomness: Arc<dyn Randomness>) -> Self {
        Self { base_url, limits: Limits::default(), randomness }
    }
}

impl fmt::Debug for TwilioOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What is no good base can still be shown, and may hold a password.
        let base = self.base_url.as_ref().and_then(Url::host_str);
        f.debug_struct("TwilioOptions")
            .field("base_host", &base)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

/// Why no client could be made for the options.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The base is no URL that requests can go to, or one that brings credentials of its own.
    #[error(
        "the base URL must start with http:// or https://, and have a host but no user name, password, query or fragment"
    )]
    Base,
    /// The client could not be made, in general for want of certificate authorities.
    #[error("the HTTP client cannot be made; are certificate authorities installed?")]
    Client {
        /// The cause.
        source: reqwest::Error,
    },
}

/// A client with one pool of connections for all accounts.
pub(crate) fn client(options: &TwilioOptions) -> Result<reqwest::Client, BuildError> {
    // Without a provider the client cannot be built; one that is installed already stays.
    let _installed = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("switchboard/", env!("CARGO_PKG_VERSION")))
        // A redirect would take the credentials elsewhere, and make a GET of a POST.
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
            // Nobody has to be trusted, so it works on machines without certificate authorities too.
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
