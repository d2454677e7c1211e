//! The signed WebSocket handshake (Twilio, Media Streams: "Secure your Media Streams").

use std::time::Duration;

use switchboard_domain::signature::{SigningKey, sign_url};
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::error::Error;
use tokio_tungstenite::tungstenite::http::{HeaderValue, Request};
use tokio_tungstenite::{WebSocketStream, client_async};
use url::Url;

use crate::phone::connection::{ConnectError, Connection};
use crate::phone::delivery::host_header;
use crate::phone::transcript::Alert;
use crate::phone::transport::Transport;

/// The handshake timeout.
const TIMEOUT: Duration = Duration::from_secs(10);

/// An open WebSocket.
pub(crate) type Socket = WebSocketStream<Box<dyn Connection>>;

/// What is needed to open a WebSocket.
pub(crate) struct Handshake<'a> {
    pub(crate) transport: &'a Transport,
    pub(crate) key: &'a SigningKey,
    /// The base of a relative URL: the source of the TwiML document.
    pub(crate) base: Option<&'a Url>,
    pub(crate) url: &'a str,
}

/// Opens a WebSocket. Returns it with its absolute URL.
pub(crate) async fn open(opening: &Handshake<'_>) -> Result<(Socket, Url), Alert> {
    let url = absolute_url(opening.base, opening.url)?;
    let target = opening.transport.resolve_url(&url).unwrap_or_else(|| url.clone());
    let request = request(opening.key, &url, &target)
        .ok_or_else(|| Alert::error(31_923, "the URL of the stream is malformed"))?;
    let connection =
        opening.transport.connect(&target).await.map_err(|error| unconnected(&error))?;
    let opened = tokio::time::timeout(TIMEOUT, client_async(request, connection)).await;
    let opened =
        opened.map_err(|_late| Alert::error(31_901, "timed out waiting for the handshake"))?;
    match opened {
        Ok((socket, _response)) => Ok((socket, url)),
        Err(Error::Http(response)) => {
            let text = format!(
                "the server responded to the handshake with status {}",
                response.status().as_u16()
            );
            Err(Alert::error(31_920, text))
        }
        Err(_) => Err(Alert::error(31_920, "the handshake failed")),
    }
}

/// The absolute URL, if Twilio accepts it for streams.
fn absolute_url(base: Option<&Url>, url: &str) -> Result<Url, Alert> {
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
    // Unlike Twilio, accepts `ws://` for servers on this machine, which need no certificate.
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

fn unconnected(error: &ConnectError) -> Alert {
    let code = match error {
        ConnectError::TimedOut | ConnectError::RouteError(_) => 31_901,
        ConnectError::Refused(_) => 31_902,
        ConnectError::Tls(_) => 31_910,
        ConnectError::NoHost => 31_923,
    };
    Alert::error(code, error.to_string())
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::absolute_url;

    #[test]
    fn a_stream_requires_a_secure_url_without_a_query() {
        let base = Url::parse("https://a.example/voice/x").unwrap();
        let read = |text: &str| {
            absolute_url(Some(&base), text).map(|url| url.to_string()).map_err(|alert| alert.code)
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
