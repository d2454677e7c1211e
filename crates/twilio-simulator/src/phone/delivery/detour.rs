//! Servers that are reached elsewhere than their public URL says.

use url::Url;

/// Requests for one public URL, and all below it, go to another address. They are signed for the public URL all
/// the same, and name its host, as a proxy in front of the server would.
#[derive(Clone, Debug)]
pub struct Detour {
    /// The public URL, for example `https://voice.example.com`.
    pub public: Url,
    /// Where the server listens, for example `http://127.0.0.1:8080`.
    pub server: Url,
}

impl Detour {
    /// Where a request for this URL really goes; `None` if it is none of ours.
    fn apply(&self, url: &Url) -> Option<Url> {
        let is_websocket = matches!(url.scheme(), "ws" | "wss");
        let mut compared = url.clone();
        if is_websocket {
            // A `wss` URL of the same host is the same server's.
            compared = Url::parse(&url.as_str().replacen("ws", "http", 1)).ok()?;
        }
        if compared.origin() != self.public.origin() {
            return None;
        }
        let below = compared.path().strip_prefix(self.public.path().trim_end_matches('/'))?;
        if !below.starts_with('/') {
            return None;
        }
        let mut detoured = self.server.clone();
        let path = format!("{}{below}", self.server.path().trim_end_matches('/'));
        detoured.set_path(&path);
        detoured.set_query(compared.query());
        if is_websocket {
            detoured = Url::parse(&detoured.as_str().replacen("http", "ws", 1)).ok()?;
        }
        Some(detoured)
    }
}

/// Where a request for this URL really goes, if that is elsewhere.
pub(crate) fn detoured(detours: &[Detour], url: &Url) -> Option<Url> {
    detours.iter().find_map(|detour| detour.apply(url))
}

/// Host and port of a URL, as the header `Host` names them.
pub(crate) fn host_header(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::{Detour, detoured};

    fn to(public: &str, server: &str, url: &str) -> Option<String> {
        let parse = |text: &str| Url::parse(text).unwrap();
        let detour = Detour { public: parse(public), server: parse(server) };
        detoured(&[detour], &parse(url)).map(|url| url.to_string())
    }

    #[test]
    fn what_is_below_the_public_url_goes_to_the_server() {
        let detour = ("https://v.example/x", "http://127.0.0.1:1/y");
        let sent = |url| to(detour.0, detour.1, url);
        assert_eq!(
            sent("https://v.example/x/a?b=%20"),
            Some("http://127.0.0.1:1/y/a?b=%20".to_owned())
        );
        assert_eq!(sent("wss://v.example/x/s"), Some("ws://127.0.0.1:1/y/s".to_owned()));
        for other in ["https://v.example/xy", "http://v.example/x/a", "https://v.example:1/x/a"] {
            assert_eq!(sent(other), None, "{other}");
        }
    }
}
