//! Where the server is.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use url::Url;

use crate::failure::Failure;

/// Where the server is: as it was said, or where these settings let it listen.
pub(super) fn server(url: Option<&str>, listen: SocketAddr) -> Result<Url, Failure> {
    let Some(text) = url else {
        return Ok(Url::parse(&format!("http://{}", reachable(listen)))?);
    };
    let wrong = || {
        Failure::usage(
            "--url is not the address of a server; write for example http://127.0.0.1:8080",
        )
    };
    let url = Url::parse(text).map_err(|_not_a_url| wrong())?;
    if url.has_host() && matches!(url.scheme(), "http" | "https") { Ok(url) } else { Err(wrong()) }
}

/// Who listens on all addresses is reached on this machine's own.
pub(crate) fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

#[cfg(test)]
mod tests {
    use super::server;

    #[test]
    fn a_server_is_found_where_it_listens() {
        let found = |listen: &str| server(None, listen.parse().unwrap()).unwrap().to_string();
        assert_eq!(found("0.0.0.0:8080"), "http://127.0.0.1:8080/");
        assert_eq!(found("[::]:81"), "http://[::1]:81/");
        assert_eq!(found("10.0.0.7:9000"), "http://10.0.0.7:9000/");
    }

    #[test]
    fn what_is_no_address_of_a_server_is_refused() {
        let listen = "127.0.0.1:8080".parse().unwrap();
        for text in ["127.0.0.1:8080", "localhost", "ftp://a", ""] {
            assert!(server(Some(text), listen).is_err(), "{text}");
        }
        assert!(server(Some("https://voice.example.com"), listen).is_ok());
    }
}
