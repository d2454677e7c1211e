//! Servers that are reached elsewhere than their public URL says.

use url::Url;

/// Requests for one public URL, and all below it, go to another address. They are signed for the public URL all
/// the same, and name its host, as a proxy in front of the server would. A voice server behind the same host is
/// another server: it has a detour of its own, from `wss://…` to `ws://…`.
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
        if url.origin() != self.public.origin() {
            return None;
        }
        let below = url.path().strip_prefix(self.public.path().trim_end_matches('/'))?;
        if !below.starts_with('/') {
            return None;
        }
        let mut detoured = self.server.clone();
        detoured.set_path(&format!("{}{below}", self.server.path().trim_end_matches('/')));
        detoured.set_query(url.query());
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
