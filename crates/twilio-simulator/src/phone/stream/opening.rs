//! The handshake of a WebSocket, signed (Twilio, Media Streams: "Secure your Media Streams").

use std::time::Duration;

use switchboard_domain::signature::{SigningKey, sign_url};
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::error::Error;
use tokio_tungstenite::tungstenite::http::{HeaderValue, Request};
use tokio_tungstenite::{WebSocketStream, client_async};
use url::Url;

use crate::phone::delivery::host_header;
use crate::phone::network::Network;
use crate::phone::transcript::Alert;
use crate::phone::wire::{Wire, WireError};

/// How long a server may take to answer the handshake.
const PATIENCE: Duration = Duration::from_secs(10);

/// An open WebSocket.
pub(crate) type Socket = WebSocketStream<Box<dyn Wire>>;

/// How a WebSocket is opened.
pub(crate) struct Opening<'a> {
    pub(crate) network: &'a Network,
    pub(crate) key: &'a SigningKey,
    /// Where the document that names the URL came from.
    pub(crate) base: Option<&'a Url>,
    pub(crate) url: &'a str,
}

/// Opens a WebSocket; the URL that comes with it is the whole one.
pub(crate) async fn open(opening: &Opening<'_>) -> Result<(Socket, Url), Alert> {
    let url = whole(opening.base, opening.url)?;
    let target = opening.network.detoured(&url).unwrap_or_else(|| url.clone());
    let request = request(opening.key, &url, &target)
        .ok_or_else(|| Alert::error(31_923, "the URL of the stream is malformed"))?;
    let wire = opening.network.connect(&target).await.map_err(|error| unconnected(&error))?;
    let opened = tokio::time::timeout(PATIENCE, client_async(request, wire)).await;
    let opened =
        opened.map_err(|_late| Alert::error(31_901, "the server does not answer the handshake"))?;
    match opened {
        Ok((socket, _response)) => Ok((socket, url)),
        Err(Error::Http(response)) => {
            let text =
                format!("the handshake was answered with status {}", response.status().as_u16());
            Err(Alert::error(31_920, text))
        }
        Err(_) => Err(Alert::error(31_920, "the handshake failed")),
    }
}

/// The URL in full, if Twilio streams to it.
fn whole(base: Option<&Url>, url: &str) -> Result<Url, Alert> {
    let malformed = || Alert::error(31_923, "the URL of the stream is malformed");
    let mut url =
        Url::options().base_url(base).parse(url.trim()).map_err(|_not_a_url| malformed())?;
    if matches!(url.scheme(), "http" | "https") {
        let text = url.as_str().replacen("http", "ws", 1);
        url = Url::parse(&text).map_err(|_not_a_url| malformed())?;
    }
    if url.query().is_some() {
        return Err(Alert::error(31_920, "the URL of the stream has a query"));
    }
    // On this machine nobody needs a certificate.
    let is_here = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => return Err(malformed()),
    };
    if url.scheme() == "wss" || (url.scheme() == "ws" && is_here) {
        url.set_fragment(None);
        return Ok(url);
    }
    Err(Alert::error(31_922, format!("streams go to wss:// URLs, not to {}://", url.scheme())))
}

fn request(key: &SigningKey, url: &Url, target: &Url) -> Option<Request<()>> {
    let mut request = target.as_str().into_client_request().ok()?;
    let headers = request.headers_mut();
    headers.insert("Host", HeaderValue::try_from(host_header(url)).ok()?);
    headers.insert("User-Agent", HeaderValue::from_static("TwilioProxy/1.1"));
    let signature = sign_url(key, url.as_str(), []);
    headers.insert("X-Twilio-Signature", HeaderValue::try_from(signature).ok()?);
    Some(request)
}

fn unconnected(error: &WireError) -> Alert {
    let code = match error {
        WireError::TimedOut | WireError::Unreachable(_) => 31_901,
        WireError::Refused(_) => 31_902,
        WireError::Tls(_) => 31_910,
        WireError::NoHost => 31_923,
    };
    Alert::error(code, error.to_string())
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::whole;

    #[test]
    fn a_stream_goes_to_a_secure_url_without_a_query() {
        let base = Url::parse("https://a.example/voice/x").unwrap();
        let read = |text: &str| {
            whole(Some(&base), text).map(|url| url.to_string()).map_err(|alert| alert.code)
        };
        assert_eq!(read("wss://v.example/s"), Ok("wss://v.example/s".to_owned()));
        assert_eq!(read("/s"), Ok("wss://a.example/s".to_owned()));
        assert_eq!(read("ws://127.0.0.1:9000/s"), Ok("ws://127.0.0.1:9000/s".to_owned()));
        assert_eq!(read("ws://v.example/s"), Err(31_922));
        assert_eq!(read("ftp://v.example/s"), Err(31_922));
        assert_eq!(read("wss://v.example/s?a=b"), Err(31_920));
        assert_eq!(read("wss://:x/"), Err(31_923));
    }
}
