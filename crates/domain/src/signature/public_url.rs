//! The public URL: scheme, host, port and path prefix that Twilio calls.

use std::fmt;

use url::Url;

/// The text is not a public URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PublicUrlError {
    /// There is no scheme.
    #[error("has no scheme; write it in full, for example https://voice.example.com")]
    NoScheme,
    /// Twilio does not call this scheme.
    #[error("has a scheme that Twilio does not call; use https://, or http:// for testing")]
    Scheme,
    /// There is white space, a control character or a backslash.
    #[error("contains white space, a control character or a backslash; remove it")]
    Character,
    /// There is a query.
    #[error(
        "has a query; remove the question mark and everything after it: each request has its own query"
    )]
    Query,
    /// There is no host.
    #[error("has no host; write it in full, for example https://voice.example.com")]
    NoHost,
    /// The port is not a number from 1 to 65535.
    #[error("has a port that is not a number from 1 to 65535; correct it or remove the colon")]
    Port,
    /// The host is invalid.
    #[error("is not a URL; write scheme, host and path as they are configured at Twilio")]
    Malformed(#[source] url::ParseError),
}

/// Scheme and host, and optionally credentials, a port and a path prefix, that Twilio calls.
///
/// It is stored as typed: the signature covers every byte, so an upper-case letter in the host matters.
/// [`PublicUrl::as_str`] shows a password; `Debug` does not.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PublicUrl {
    text: String,
    /// End offsets of `https://`, of `user:password@`, of the host and of `:8443`. The rest is the prefix.
    scheme: usize,
    credentials: usize,
    host: usize,
    port: usize,
    number: Option<u16>,
}

impl PublicUrl {
    /// Parses a URL as an operator typed it. Removes a fragment, which Twilio uses for connection overrides (`#rc=3`) and
    /// neither sends nor signs, and slashes at the end.
    pub fn parse(text: &str) -> Result<Self, PublicUrlError> {
        if text.contains(|char: char| char.is_whitespace() || char.is_control() || char == '\\') {
            return Err(PublicUrlError::Character);
        }
        let text = text.split_once('#').map_or(text, |(before, _)| before);
        let (scheme, rest) = text.split_once("://").ok_or(PublicUrlError::NoScheme)?;
        if !["https", "http", "wss", "ws"].iter().any(|known| known.eq_ignore_ascii_case(scheme)) {
            return Err(PublicUrlError::Scheme);
        }
        if rest.contains('?') {
            return Err(PublicUrlError::Query);
        }
        let rest = rest.trim_end_matches('/');
        let authority = rest.split_once('/').map_or(rest, |(authority, _)| authority);
        let host_and_port = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let (host, port) = split_port(host_and_port);
        if host.is_empty() {
            return Err(PublicUrlError::NoHost);
        }
        let number = port.strip_prefix(':').map(port_number).transpose()?;
        let scheme = scheme.len() + "://".len();
        let text = text[..scheme + rest.len()].to_owned();
        Url::parse(&text).map_err(PublicUrlError::Malformed)?;
        let credentials = scheme + authority.len() - host_and_port.len();
        let host = credentials + host.len();
        Ok(Self { text, scheme, credentials, host, port: host + port.len(), number })
    }

    /// The URL as typed, without a slash at the end.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The URL without user name and password.
    pub fn without_credentials(&self) -> String {
        format!("{}{}", &self.text[..self.scheme], &self.text[self.credentials..])
    }

    /// The scheme as typed.
    pub fn scheme(&self) -> &str {
        &self.text[..self.scheme - "://".len()]
    }

    /// The host as typed; an IPv6 address with its brackets.
    pub fn host(&self) -> &str {
        &self.text[self.credentials..self.host]
    }

    /// The port; `None` if the URL has none.
    pub const fn port(&self) -> Option<u16> {
        self.number
    }

    /// The URL under which Twilio opens a WebSocket: `wss` for `https`, `ws` for `http`, otherwise unchanged.
    #[must_use]
    pub fn websocket(&self) -> Self {
        if self.is_websocket() {
            return self.clone();
        }
        let scheme = if self.is_secure() { "wss://" } else { "ws://" };
        let shorter = self.scheme - scheme.len();
        Self {
            text: format!("{scheme}{}", &self.text[self.scheme..]),
            scheme: scheme.len(),
            credentials: self.credentials - shorter,
            host: self.host - shorter,
            port: self.port - shorter,
            number: self.number,
        }
    }

    /// The URL with scheme and host in lower case, as HTTP clients send it; `None` if it already is.
    #[must_use]
    pub fn in_lower_case(&self) -> Option<Self> {
        let mut url = self.clone();
        url.text[..self.scheme].make_ascii_lowercase();
        url.text[self.credentials..self.host].make_ascii_lowercase();
        (url != *self).then_some(url)
    }

    /// The URL for people: without user name and password.
    pub(super) fn shown(&self) -> String {
        [self.scheme_part(), self.host(), self.port_part(), self.prefix()].concat()
    }

    pub(super) fn is_websocket(&self) -> bool {
        self.scheme().eq_ignore_ascii_case("wss") || self.scheme().eq_ignore_ascii_case("ws")
    }

    pub(super) fn is_secure(&self) -> bool {
        self.scheme().eq_ignore_ascii_case("https") || self.scheme().eq_ignore_ascii_case("wss")
    }

    /// For example `https://`.
    pub(super) fn scheme_part(&self) -> &str {
        &self.text[..self.scheme]
    }

    /// For example `user:password@`; may be empty.
    pub(super) fn credentials(&self) -> &str {
        &self.text[self.scheme..self.credentials]
    }

    /// For example `:8443`; may be empty.
    pub(super) fn port_part(&self) -> &str {
        &self.text[self.host..self.port]
    }

    /// For example `/twilio`; may be empty.
    pub(super) fn prefix(&self) -> &str {
        &self.text[self.port..]
    }
}

impl fmt::Debug for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown())
    }
}

/// Splits `host:8443` before the colon. Colons in the brackets of an IPv6 address do not count.
pub(super) fn split_port(host_and_port: &str) -> (&str, &str) {
    let after_brackets = host_and_port.find(']').map_or(0, |bracket| bracket + 1);
    let colon = host_and_port[after_brackets..].find(':').map(|colon| after_brackets + colon);
    host_and_port.split_at(colon.unwrap_or(host_and_port.len()))
}

fn port_number(digits: &str) -> Result<u16, PublicUrlError> {
    let number =
        if digits.bytes().all(|digit| digit.is_ascii_digit()) { digits.parse().ok() } else { None };
    number.filter(|number| *number != 0).ok_or(PublicUrlError::Port)
}

#[cfg(test)]
mod tests {
    use super::{PublicUrl, PublicUrlError};

    #[test]
    fn every_part_is_kept_as_typed() {
        let url =
            PublicUrl::parse("HTTPS://User:P@ss@Voice.Example.com:8443/Twilio/In/#rc=3&rp=all")
                .unwrap();
        assert_eq!(url.as_str(), "HTTPS://User:P@ss@Voice.Example.com:8443/Twilio/In");
        assert_eq!(
            (url.scheme(), url.host(), url.port()),
            ("HTTPS", "Voice.Example.com", Some(8443))
        );
        assert_eq!(
            (url.credentials(), url.port_part(), url.prefix()),
            ("User:P@ss@", ":8443", "/Twilio/In")
        );
    }

    #[test]
    fn only_scheme_and_host_become_lower_case() {
        let url = PublicUrl::parse("HTTPS://User:Pass@Voice.Example.com:8443/In").unwrap();
        let lower = PublicUrl::parse("https://User:Pass@voice.example.com:8443/In").unwrap();
        assert_eq!((lower.in_lower_case(), url.in_lower_case()), (None, Some(lower)));
    }

    #[test]
    fn missing_parts_are_empty() {
        for text in [
            "https://voice.example.com",
            "https://voice.example.com/",
            "https://voice.example.com#rc=3",
        ] {
            let url = PublicUrl::parse(text).unwrap();
            assert_eq!((url.as_str(), url.port()), ("https://voice.example.com", None));
            assert_eq!((url.credentials(), url.port_part(), url.prefix()), ("", "", ""));
        }
    }

    #[test]
    fn an_ipv6_host_keeps_its_brackets() {
        let url = PublicUrl::parse("http://[2001:DB8::1]:8080/in").unwrap();
        assert_eq!((url.host(), url.port(), url.prefix()), ("[2001:DB8::1]", Some(8080), "/in"));
        assert_eq!(PublicUrl::parse("http://[::1]").unwrap().host(), "[::1]");
    }

    #[test]
    fn a_websocket_url_differs_only_in_its_scheme() {
        let pairs = [
            ("https://u:p@Voice.Example.com:8443/In", "wss://u:p@Voice.Example.com:8443/In"),
            ("HTTP://[::1]", "ws://[::1]"),
            ("WSS://a/b", "WSS://a/b"),
        ];
        for (text, expected) in pairs {
            let socket = PublicUrl::parse(text).unwrap().websocket();
            assert_eq!(socket, PublicUrl::parse(expected).unwrap());
            assert_eq!(socket.as_str(), expected);
        }
    }

    #[test]
    fn an_invalid_url_is_refused_with_the_reason() {
        let refused = [
            ("voice.example.com", PublicUrlError::NoScheme),
            ("", PublicUrlError::NoScheme),
            ("ftp://voice.example.com", PublicUrlError::Scheme),
            ("https://voice.example.com ", PublicUrlError::Character),
            ("https://voice.example.com\\x", PublicUrlError::Character),
            ("https://voice.example.com/x?agentId=1", PublicUrlError::Query),
            ("https://", PublicUrlError::NoHost),
            ("https:///x", PublicUrlError::NoHost),
            ("https://user@:80", PublicUrlError::NoHost),
            ("https://a:", PublicUrlError::Port),
            ("https://a:0", PublicUrlError::Port),
            ("https://a:65536", PublicUrlError::Port),
            ("https://a:+80", PublicUrlError::Port),
            ("https://[::1]x:80", PublicUrlError::Malformed(url::ParseError::InvalidIpv6Address)),
        ];
        for (text, reason) in refused {
            let error = PublicUrl::parse(text).unwrap_err();
            if !matches!(reason, PublicUrlError::Malformed(_)) {
                assert_eq!(error, reason, "{text}");
            }
        }
        for text in ["https://[::1", "https://[::g]", "https://a<b", "https://%zz", "https://::1"] {
            assert!(PublicUrl::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn debug_does_not_show_a_password() {
        let url = PublicUrl::parse("https://user:s3cret@voice.example.com/in").unwrap();
        assert_eq!(format!("{url:?}"), "https://voice.example.com/in");
    }
}
