//! The request goes to the server.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::{Duration, Instant};

use reqwest::header::{ACCEPT, CONTENT_TYPE, USER_AGENT};
use reqwest::redirect::Policy;
use url::{Host, Url};

use super::answer::Answer;
use super::request::Request;
use crate::failure::Failure;

/// Twilio gives up after 15 seconds (Twilio, error 11205); a little more shows what it would miss.
const PATIENCE: Duration = Duration::from_secs(20);

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
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

/// A client that follows no redirects, and goes to this machine without a proxy.
pub(in crate::command_line) fn client(
    url: &Url,
    patience: Duration,
) -> Result<reqwest::Client, Failure> {
    // Without a provider the client cannot be built; one that is installed already stays.
    let _installed = rustls::crypto::ring::default_provider().install_default();
    let builder = reqwest::Client::builder().redirect(Policy::none()).timeout(patience);
    let is_here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    let builder = if is_here { builder.no_proxy() } else { builder };
    Ok(builder.build()?)
}

/// Sends the request as Twilio does, and waits for the answer.
pub(super) async fn send(
    server: &Url,
    request: &Request,
    signature: &str,
) -> Result<Answer, Failure> {
    let url = format!("{}{}", server.as_str().trim_end_matches('/'), request.target);
    let started = Instant::now();
    let sending = client(server, PATIENCE)?
        .post(url)
        .header("X-Twilio-Signature", signature)
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded; charset=UTF-8")
        .header(ACCEPT, "*/*")
        .header(USER_AGENT, "TwilioProxy/1.1")
        .body(request.body.clone())
        .send();
    let response = sending.await.map_err(|error| not_answered(server, error))?;
    let status = response.status();
    let content_type = response
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .map(ToOwned::to_owned);
    let body = response.text().await.map_err(|error| not_answered(server, error))?;
    Ok(Answer { status, content_type, body, elapsed: started.elapsed() })
}

/// No server answers.
#[derive(Debug, thiserror::Error)]
#[error("{what} at {server}; start one with `switchboard serve`, or say where it is with --url")]
struct NotAnswered {
    what: &'static str,
    server: Url,
    source: reqwest::Error,
}

fn not_answered(server: &Url, error: reqwest::Error) -> NotAnswered {
    let what = if error.is_connect() {
        "no server answers"
    } else if error.is_timeout() {
        "no server answers in time"
    } else {
        "no server answers as it should"
    };
    // The message of the client would repeat the address.
    NotAnswered { what, server: server.clone(), source: error.without_url() }
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
