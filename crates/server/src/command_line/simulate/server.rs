//! The URL of the server.

use std::net::SocketAddr;

use url::Url;

use crate::failure::{Doing as _, Failure};
use crate::serve::reachable;

/// The given URL of the server, or the address at which it listens.
pub(super) fn server(url: Option<&str>, listen: SocketAddr) -> Result<Url, Failure> {
    let Some(text) = url else {
        let url = Url::parse(&format!("http://{}", reachable(listen)));
        return url.doing("finding the server");
    };
    let wrong = || {
        Failure::usage("--url is not the URL of a server; use for example http://127.0.0.1:8080")
    };
    let url = Url::parse(text).map_err(|_not_a_url| wrong())?;
    if url.has_host() && matches!(url.scheme(), "http" | "https") { Ok(url) } else { Err(wrong()) }
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
