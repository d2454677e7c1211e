//! URLs that operators give us: where agents are reached.

use std::fmt;

use url::Url;

/// Longest URL that is kept. Twilio itself takes no longer one in TwiML attributes.
pub const MAX_URL_BYTES: usize = 2_000;

/// Why a text is not a URL that we can use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WebAddressError {
    /// Not an absolute URL at all.
    #[error("is not an absolute URL")]
    Unreadable,
    /// Another scheme than the ones that work here.
    #[error("must start with {expected}")]
    Scheme {
        /// The schemes that would do.
        expected: &'static str,
    },
    /// Twilio drops the query of a stream's URL.
    #[error(
        "has a query, which Twilio does not pass to a stream; put it into the path or use parameters"
    )]
    Query,
    /// A user name or a password in the URL would end in logs.
    #[error("carries a user name or password; leave them out")]
    Credentials,
    /// More than 2,000 bytes.
    #[error("is longer than 2000 bytes")]
    TooLong,
}

fn parse(text: &str) -> Result<Url, WebAddressError> {
    if text.len() > MAX_URL_BYTES {
        return Err(WebAddressError::TooLong);
    }
    let url = Url::parse(text).map_err(|_not_a_url| WebAddressError::Unreadable)?;
    if url.host_str().is_none_or(str::is_empty) {
        return Err(WebAddressError::Unreadable);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(WebAddressError::Credentials);
    }
    Ok(url)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// A WebSocket URL for `<Stream>` or `<ConversationRelay>`: `wss://`, without a query
/// (Twilio, TwiML Stream: "url"). `ws://` is taken for this machine only.
#[derive(Clone, PartialEq, Eq)]
pub struct StreamUrl(String);

impl StreamUrl {
    /// Parses a URL as an operator typed it.
    pub fn parse(text: &str) -> Result<Self, WebAddressError> {
        let url = parse(text)?;
        if url.scheme() != "wss" && !(url.scheme() == "ws" && is_loopback(&url)) {
            return Err(WebAddressError::Scheme { expected: "wss://" });
        }
        if url.query().is_some() {
            return Err(WebAddressError::Query);
        }
        Ok(Self(text.to_owned()))
    }

    /// The URL as it was typed.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An `https://` or `http://` URL for `<Redirect>`.
#[derive(Clone, PartialEq, Eq)]
pub struct WebUrl(String);

impl WebUrl {
    /// Parses a URL as an operator typed it.
    pub fn parse(text: &str) -> Result<Self, WebAddressError> {
        let url = parse(text)?;
        if matches!(url.scheme(), "https" | "http") {
            Ok(Self(text.to_owned()))
        } else {
            Err(WebAddressError::Scheme { expected: "https:// or http://" })
        }
    }

    /// The URL as it was typed.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Paths are often the credential, so only scheme and host are shown.
fn show_host(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match Url::parse(text) {
        Ok(url) => write!(f, "{}://{}/…", url.scheme(), url.host_str().unwrap_or_default()),
        Err(_) => f.write_str("…"),
    }
}

impl fmt::Debug for StreamUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show_host(&self.0, f)
    }
}

impl fmt::Debug for WebUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show_host(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::{StreamUrl, WebAddressError, WebUrl};

    #[test]
    fn a_stream_is_reached_by_wss_without_a_query() {
        assert!(StreamUrl::parse("wss://media.example.com/v1/stream").is_ok());
        assert!(StreamUrl::parse("ws://127.0.0.1:9000/stream").is_ok());
        let refused = [
            ("media.example.com", WebAddressError::Unreadable),
            ("https://media.example.com", WebAddressError::Scheme { expected: "wss://" }),
            ("ws://media.example.com", WebAddressError::Scheme { expected: "wss://" }),
            ("wss://media.example.com/?a=1", WebAddressError::Query),
            ("wss://u:p@media.example.com/", WebAddressError::Credentials),
        ];
        for (text, reason) in refused {
            assert_eq!(StreamUrl::parse(text), Err(reason), "{text}");
        }
    }

    #[test]
    fn debug_hides_the_path() {
        let url = WebUrl::parse("https://example.com/hook/s3cret?k=v").unwrap();
        assert_eq!(format!("{url:?}"), "https://example.com/…");
    }
}
