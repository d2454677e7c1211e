//! URLs of agents, as operators enter them.

use std::fmt;

use url::Url;

/// Maximum length of a URL in bytes. Twilio accepts no longer URL in a TwiML attribute.
pub const MAX_URL_BYTES: usize = 2_000;

/// The text is not a usable URL.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WebAddressError {
    /// The text is not an absolute URL.
    #[error("is not an absolute URL")]
    Unreadable,
    /// The scheme is not allowed.
    #[error("must start with {expected}")]
    Scheme {
        /// The allowed schemes.
        expected: &'static str,
    },
    /// The URL has a query, which Twilio drops from the URL of a stream.
    #[error(
        "has a query, which Twilio does not send to a stream; move it into the path or use parameters"
    )]
    Query,
    /// The URL has a user name or password, which would appear in logs.
    #[error("has a user name or password; remove them")]
    Credentials,
    /// The URL has a control character, which parsers of URLs drop or encode.
    #[error("has a control character")]
    ControlCharacter,
    /// The URL is longer than 2,000 bytes.
    #[error("is longer than 2000 bytes")]
    TooLong,
}

fn parse(text: &str) -> Result<Url, WebAddressError> {
    if text.len() > MAX_URL_BYTES {
        return Err(WebAddressError::TooLong);
    }
    if text.chars().any(char::is_control) {
        return Err(WebAddressError::ControlCharacter);
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
/// (Twilio, TwiML Stream: "url"). `ws://` is accepted only for loopback addresses, for development.
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

    /// The URL as typed.
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

    /// Whether both URLs have the same scheme, host and port.
    pub fn has_origin_of(&self, other: &Self) -> bool {
        let origin = |url: &Self| Url::parse(&url.0).map(|url| url.origin());
        origin(self).is_ok_and(|own| Ok(own) == origin(other))
    }

    /// The URL as typed.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Shows scheme and host only: paths are often credentials.
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
    fn a_stream_url_is_wss_without_a_query() {
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
    fn an_origin_is_scheme_host_and_port() {
        let [url, same, port, scheme] = [
            "https://a.example/x",
            "https://A.example:443/y?z",
            "https://a.example:8443/x",
            "http://a.example/x",
        ]
        .map(|text| WebUrl::parse(text).unwrap());
        assert!(url.has_origin_of(&same));
        assert!(!url.has_origin_of(&port) && !url.has_origin_of(&scheme));
    }

    #[test]
    fn debug_hides_the_path() {
        let url = WebUrl::parse("https://example.com/hook/s3cret?k=v").unwrap();
        assert_eq!(format!("{url:?}"), "https://example.com/…");
    }
}
