//! The hosts and origins under which the API is used.
//!
//! A page on the Internet can make a browser send requests to a local address by resolving its own name to it (DNS
//! rebinding). Such requests carry the page's name as their host, so only known hosts are accepted.

use std::net::IpAddr;

use url::{Host, Url};

/// The hosts under which the API is reached.
#[derive(Clone, Debug)]
pub struct AllowedHosts {
    /// The URL under which people reach the admin listener.
    url: Url,
}

impl AllowedHosts {
    /// The host of this URL, addresses, and the names of this machine.
    pub const fn new(url: Url) -> Self {
        Self { url }
    }

    /// Whether a host with an optional port is accepted. An address is: a page of a name that is resolved to it sends the name.
    pub(crate) fn allow_host(&self, authority: &str) -> bool {
        let Some(host) = host_of(authority) else { return false };
        match &host {
            Host::Ipv4(_) | Host::Ipv6(_) => true,
            Host::Domain(name) => {
                name == "localhost" || self.url.host() == Some(Host::Domain(name.as_str()))
            }
        }
    }

    /// Whether a page of this origin is accepted: one of the API's own host, or of the URL.
    pub(crate) fn allow_origin(&self, origin: &str, authority: &str) -> bool {
        if origin == self.url.origin().ascii_serialization() {
            return true;
        }
        let Some((scheme, own)) = origin.split_once("://") else { return false };
        matches!(scheme, "http" | "https") && own.eq_ignore_ascii_case(authority)
    }
}

/// The host of an authority, without its port.
fn host_of(authority: &str) -> Option<Host<String>> {
    if authority.contains(['/', '@', '?', '#', '\\']) {
        return None;
    }
    let bare = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    // An address is written in one way only; `Host::parse` also reads numbers as addresses, which no client sends.
    match Host::parse(bare).ok()? {
        Host::Ipv4(address) => {
            (bare.parse() == Ok(IpAddr::V4(address))).then_some(Host::Ipv4(address))
        }
        host @ (Host::Domain(_) | Host::Ipv6(_)) => Some(host),
    }
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::AllowedHosts;

    fn hosts() -> AllowedHosts {
        AllowedHosts::new(Url::parse("https://admin.example.com:8443").unwrap())
    }

    #[test]
    fn only_known_names_and_addresses_are_hosts() {
        let allowed = [
            "localhost:8088",
            "LOCALHOST",
            "127.0.0.1:8088",
            "[::1]:8088",
            "10.0.0.7",
            "admin.example.com",
            "Admin.Example.com:443",
        ];
        for host in allowed {
            assert!(hosts().allow_host(host), "{host}");
        }
        let refused = [
            "",
            "evil.example.com:8088",
            "admin.example.com.evil.com",
            "localhost.evil.com",
            "evil.com/localhost",
            "localhost@evil.com",
            "2130706433",
            "::1",
        ];
        for host in refused {
            assert!(!hosts().allow_host(host), "{host}");
        }
    }

    #[test]
    fn only_pages_of_the_api_itself_are_origins() {
        let own = "127.0.0.1:8088";
        for origin in ["http://127.0.0.1:8088", "https://admin.example.com:8443"] {
            assert!(hosts().allow_origin(origin, own), "{origin}");
        }
        for origin in
            ["null", "", "http://127.0.0.1:9999", "https://admin.example.com", "http://evil.com"]
        {
            assert!(!hosts().allow_origin(origin, own), "{origin}");
        }
    }
}
