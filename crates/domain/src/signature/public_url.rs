//! The URL under which Twilio calls us.

use std::fmt;

use url::Url;

/// Why a text is not a public URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PublicUrlError {
    /// Nothing before the host.
    #[error("has no scheme; write it in full, for example https://voice.example.com")]
    NoScheme,
    /// A scheme that Twilio does not call.
    #[error(
        "has a scheme that Twilio does not call; use https://, or http:// for trying things out"
    )]
    Scheme,
    /// Spaces, line breaks, backslashes.
    #[error("contains white space, a control character or a backslash; remove it")]
    Character,
    /// A query.
    #[error(
        "has a query; leave out the question mark and what follows it, as the query is that of each request"
    )]
    Query,
    /// Nothing where the host should be.
    #[error("has no host; write it in full, for example https://voice.example.com")]
    NoHost,
    /// Something after the host's colon that is not a port.
    #[error("has a port that is not a number from 1 to 65535; correct it or leave the colon out")]
    Port,
    /// A host that cannot be one.
    #[error("is not a URL; write scheme, host and path as they are configured at Twilio")]
    Malformed(#[source] url::ParseError),
}

/// Scheme and host, with a port and a path prefix where there are any, under which Twilio calls us.
///
/// It is kept as it was typed: the signature covers every byte of it, so an upper-case letter of the host
/// makes a difference. [`PublicUrl::as_str`] shows a password that is part of it; `Debug` does not.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PublicUrl {
    text: String,
    /// Ends of `https://`, of `user:password@`, of the host, and of `:8443`. The rest is the prefix.
    scheme: usize,
    credentials: usize,
    host: usize,
    port: usize,
    number: Option<u16>,
}

impl PublicUrl {
    /// Parses what an operator typed. A fragment is dropped: it is Twilio's place for connection overrides
    /// (`#rc=3`), neither sent nor signed. So are slashes at the end.
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

    /// The URL as it was typed, without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The URL without its user name and password, for who must not know them.
    pub fn without_credentials(&self) -> String {
        format!("{}{}", &self.text[..self.scheme], &self.text[self.credentials..])
    }

    /// The scheme as it was typed.
    pub fn scheme(&self) -> &str {
        &self.text[..self.scheme - "://".len()]
    }

    /// The host as it was typed, an IPv6 address with its brackets.
    pub fn host(&self) -> &str {
        &self.text[self.credentials..self.host]
    }

    /// The port, where one was typed.
    pub const fn port(&self) -> Option<u16> {
        self.number
    }

    /// The URL under which Twilio opens a WebSocket to us: `wss` for `https`, `ws` for `http`, and everything
    /// else as it was typed.
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

    /// The URL as an HTTP client writes it, scheme and host in lower case, if that is another text.
    #[must_use]
    pub fn in_lower_case(&self) -> Option<Self> {
        let mut url = self.clone();
        url.text[..self.scheme].make_ascii_lowercase();
        url.text[self.credentials..self.host].make_ascii_lowercase();
        (url != *self).then_some(url)
    }

    /// The URL without user name and password, for people to read.
    pub(super) fn shown(&self) -> String {
        [self.scheme_part(), self.host(), self.port_part(), self.prefix()].concat()
    }

    pub(super) fn is_websocket(&self) -> bool {
        self.scheme().eq_ignore_ascii_case("wss") || self.scheme().eq_ignore_ascii_case("ws")
    }

    pub(super) fn is_secure(&self) -> bool {
        self.scheme().eq_ignore_ascii_case("https") || self.scheme().eq_ignore_ascii_case("wss")
    }

    /// `https://`
    pub(super) fn scheme_part(&self) -> &str {
        &self.text[..self.scheme]
    }

    /// `user:password@`, or nothing.
    pub(super) fn credentials(&self) -> &str {
        &self.text[self.scheme..self.credentials]
    }

    /// `:8443`, or nothing.
    pub(super) fn port_part(&self) -> &str {
        &self.text[self.host..self.port]
    }

    /// `/twilio`, or nothing.
    pub(super) fn prefix(&self) -> &str {
        &self.text[self.port..]
    }
}

impl fmt::Debug for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown())
    }
}

/// Splits `host:8443` before its colon, and not inside the brackets of an IPv6 address.
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
    fn every_part_is_kept_as_it_was_typed() {
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
    fn lower_case_is_for_scheme_and_host_only() {
        let url = PublicUrl::parse("HTTPS://User:Pass@Voice.Example.com:8443/In").unwrap();
        let lower = PublicUrl::parse("https://User:Pass@voice.example.com:8443/In").unwrap();
        assert_eq!((lower.in_lower_case(), url.in_lower_case()), (None, Some(lower)));
    }

    #[test]
    fn what_is_not_there_is_empty() {
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
    fn a_websocket_url_differs_in_its_scheme_only() {
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
    fn what_is_not_a_public_url_is_refused_for_what_is_wrong_with_it() {
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
