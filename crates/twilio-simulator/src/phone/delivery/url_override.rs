//! Sends requests for a public URL to another address.

use url::Url;

/// Sends requests for one public URL, and all paths below it, to another address. The requests are still signed for
/// the public URL and carry its `Host` header, as if a reverse proxy forwarded them. A voice server on the same host
/// needs its own override, from `wss://…` to `ws://…`.
#[derive(Clone, Debug)]
pub struct UrlOverride {
    /// The public URL, for example `https://voice.example.com`.
    pub public: Url,
    /// The server's address, for example `http://127.0.0.1:8080`.
    pub server: Url,
}

impl UrlOverride {
    /// The actual address for a URL, or `None` if the URL is not below the public URL.
    fn apply(&self, url: &Url) -> Option<Url> {
        if url.origin() != self.public.origin() {
            return None;
        }
        let below = url.path().strip_prefix(self.public.path().trim_end_matches('/'))?;
        if !below.starts_with('/') {
            return None;
        }
        let mut resolve_url = self.server.clone();
        resolve_url.set_path(&format!("{}{below}", self.server.path().trim_end_matches('/')));
        resolve_url.set_query(url.query());
        Some(resolve_url)
    }
}

/// The actual address for a URL, or `None` if no override applies.
pub(crate) fn resolve_url(url_overrides: &[UrlOverride], url: &Url) -> Option<Url> {
    url_overrides.iter().find_map(|url_override| url_override.apply(url))
}

/// The value of the `Host` header for a URL.
pub(crate) fn host_header(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::{UrlOverride, resolve_url};

    fn to(public: &str, server: &str, url: &str) -> Option<String> {
        let parse = |text: &str| Url::parse(text).unwrap();
        let url_override = UrlOverride { public: parse(public), server: parse(server) };
        resolve_url(&[url_override], &parse(url)).map(|url| url.to_string())
    }

    #[test]
    fn urls_below_the_public_url_are_overridden() {
        let sent = |url| to("https://v.example/x", "http://127.0.0.1:1/y", url);
        assert_eq!(
            sent("https://v.example/x/a?b=%20"),
            Some("http://127.0.0.1:1/y/a?b=%20".to_owned())
        );
        assert_eq!(
            to("wss://v.example", "ws://127.0.0.1:1", "wss://v.example/s"),
            Some("ws://127.0.0.1:1/s".to_owned())
        );
        for other in [
            "https://v.example/xy",
            "http://v.example/x/a",
            "wss://v.example/x/a",
            "https://v.example:1/x/a",
        ] {
            assert_eq!(sent(other), None, "{other}");
        }
    }
}
