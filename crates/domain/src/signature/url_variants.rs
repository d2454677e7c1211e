//! The variants of a configured URL that Twilio may have signed.
//!
//! Twilio, Security: "A few notes": voice over HTTPS drops the port, everything else keeps it, and user name and password
//! are dropped. Twilio's own libraries therefore try a URL with and without its port, or with the default port, and so
//! does this crate.

use super::percent::{Part, encoded};
use super::public_url::PublicUrl;

/// The parts of a URL, in order: scheme, credentials, host, port, prefix, path, trailing slash, query.
pub(super) type UrlParts<'a> = [&'a str; 8];

/// A request target, split once.
pub(super) struct Target<'a> {
    path: &'a str,
    /// Starts with its question mark; empty if there is none.
    query: &'a str,
    /// Percent-encoded path and query; `None` if neither has a character to encode.
    encoded: Option<(String, String)>,
}

impl<'a> Target<'a> {
    pub(super) fn new(target: &'a str) -> Self {
        let (path, query) = target.split_at(target.find('?').unwrap_or(target.len()));
        let encoded = match (encoded(path, Part::Path), encoded(query, Part::Query)) {
            (None, None) => None,
            (new_path, new_query) => Some((
                new_path.unwrap_or_else(|| path.to_owned()),
                new_query.unwrap_or_else(|| query.to_owned()),
            )),
        };
        Self { path, query, encoded }
    }
}

/// Whether a slash at the end of the path may differ from the received one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum TrailingSlash {
    AsReceived,
    /// With or without. Twilio, Security: the URL of a WebSocket may be signed with a slash appended.
    Either,
}

/// Calls `attempt` with each variant of a URL, the most likely first, until it returns a value. There are at most 16
/// variants, and two for a typical URL.
pub(super) fn find_variant<'a, T>(
    url: &'a PublicUrl,
    target: &'a Target<'a>,
    slash: TrailingSlash,
    mut attempt: impl FnMut(&UrlParts<'a>) -> Option<T>,
) -> Option<T> {
    let encoded = target.encoded.as_ref().map(|(path, query)| (path.as_str(), query.as_str()));
    for (path, query) in with_alternative((target.path, target.query), encoded) {
        for (path, slash) in slashes(path, slash) {
            for credentials in credentials(url) {
                for port in ports(url) {
                    let [scheme, host, prefix] = [url.scheme_part(), url.host(), url.prefix()];
                    let found =
                        attempt(&[scheme, credentials, host, port, prefix, path, slash, query]);
                    if found.is_some() {
                        return found;
                    }
                }
            }
        }
    }
    None
}

/// Without credentials first, as Twilio's service signs; its libraries keep them.
fn credentials(url: &PublicUrl) -> impl Iterator<Item = &str> {
    with_alternative("", Some(url.credentials()).filter(|credentials| !credentials.is_empty()))
}

fn ports(url: &PublicUrl) -> impl Iterator<Item = &str> {
    let (usual, other) = match (url.port_part(), url.is_secure()) {
        // The default port of `wss` is 443, but Twilio's libraries use 80.
        ("", _) if url.scheme().eq_ignore_ascii_case("https") => ("", ":443"),
        ("", _) => ("", ":80"),
        (port, true) => ("", port),
        (port, false) => (port, ""),
    };
    with_alternative(usual, Some(other))
}

fn slashes(path: &str, slash: TrailingSlash) -> impl Iterator<Item = (&str, &str)> {
    let other = match path.strip_suffix('/') {
        Some(shorter) => (shorter, ""),
        None => (path, "/"),
    };
    with_alternative((path, ""), Some(other).filter(|_| slash == TrailingSlash::Either))
}

/// The variants of one part of a URL, the most likely first.
fn with_alternative<T>(usual: T, other: Option<T>) -> impl Iterator<Item = T> {
    std::iter::once(usual).chain(other)
}

#[cfg(test)]
mod tests {
    use super::{PublicUrl, Target, TrailingSlash, find_variant};

    fn all(url: &str, target: &str, slash: TrailingSlash) -> Vec<String> {
        let url = PublicUrl::parse(url).unwrap();
        let mut all = Vec::new();
        let found = find_variant(&url, &Target::new(target), slash, |parts| {
            all.push(parts.concat());
            None::<()>
        });
        assert!(found.is_none());
        all
    }

    #[test]
    fn a_url_without_a_port_is_tried_unchanged_and_with_the_default_port() {
        assert_eq!(
            all("https://a", "/v?q=1", TrailingSlash::AsReceived),
            ["https://a/v?q=1", "https://a:443/v?q=1"]
        );
        assert_eq!(
            all("http://a", "/v", TrailingSlash::AsReceived),
            ["http://a/v", "http://a:80/v"]
        );
        assert_eq!(all("wss://a", "/v", TrailingSlash::AsReceived), ["wss://a/v", "wss://a:80/v"]);
        assert_eq!(
            all("HTTPS://A/x", "/v", TrailingSlash::AsReceived),
            ["HTTPS://A/x/v", "HTTPS://A:443/x/v"]
        );
    }

    #[test]
    fn the_variant_without_the_port_comes_first_for_secure_urls_and_last_for_others() {
        assert_eq!(
            all("https://a:1", "/v", TrailingSlash::AsReceived),
            ["https://a/v", "https://a:1/v"]
        );
        assert_eq!(
            all("wss://[::1]:1", "/v", TrailingSlash::AsReceived),
            ["wss://[::1]/v", "wss://[::1]:1/v"]
        );
        assert_eq!(
            all("http://a:1", "/v", TrailingSlash::AsReceived),
            ["http://a:1/v", "http://a/v"]
        );
    }

    #[test]
    fn credentials_are_dropped_first_and_then_kept() {
        let tried = ["http://a/v", "http://a:80/v", "http://U:p@a/v", "http://U:p@a:80/v"];
        assert_eq!(all("http://U:p@a", "/v", TrailingSlash::AsReceived), tried);
    }

    #[test]
    fn a_trailing_slash_is_added_or_removed_before_the_query() {
        let tried = ["wss://a/v?q", "wss://a:80/v?q", "wss://a/v/?q", "wss://a:80/v/?q"];
        assert_eq!(all("wss://a", "/v?q", TrailingSlash::Either), tried);
        assert_eq!(
            all("wss://a", "/", TrailingSlash::Either),
            ["wss://a/", "wss://a:80/", "wss://a", "wss://a:80"]
        );
    }

    #[test]
    fn special_characters_are_tried_raw_first_and_then_encoded() {
        let tried = [
            "http://a:1/é?it's",
            "http://a/é?it's",
            "http://a:1/%C3%A9?it%27s",
            "http://a/%C3%A9?it%27s",
        ];
        assert_eq!(all("http://a:1", "/é?it's", TrailingSlash::AsReceived), tried);
    }

    #[test]
    fn there_are_at_most_sixteen_variants() {
        assert_eq!(all("wss://u:p@a:1/x", "/é?it's", TrailingSlash::Either).len(), 16);
    }
}
