//! [`Endpoint`]: the endpoint of an agent, which records what it receives.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::{hmac_sha256, within};

/// A delivery that the endpoint received.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    /// Method, path and query.
    pub(crate) line: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) text: String,
}

impl Received {
    /// The id of the delivery.
    pub(crate) fn id(&self) -> &str {
        &self.headers["webhook-id"]
    }

    /// The fields of a form, in their order.
    pub(crate) fn fields(&self) -> Vec<(String, String)> {
        url::form_urlencoded::parse(self.text.as_bytes()).into_owned().collect()
    }

    /// The complete body.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    /// The message, or the fields of the event.
    pub(crate) fn data(&self) -> Value {
        self.json()["data"].take()
    }

    /// The text of the message.
    pub(crate) fn body(&self) -> String {
        self.data()["body"].as_str().unwrap().to_owned()
    }

    /// Checks the signature as Standard Webhooks 1.0 specifies it.
    pub(crate) fn assert_signed_with(&self, secret: &str) {
        let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let signed = format!("{}.{}.{}", self.id(), self.headers["webhook-timestamp"], self.text);
        let signature = format!("v1,{}", STANDARD.encode(hmac_sha256(&key, signed.as_bytes())));
        let mut signatures = self.headers["webhook-signature"].split(' ');
        assert!(signatures.any(|given| given == signature), "{:?}", self.headers);
    }
}

/// A response of the endpoint.
#[derive(Clone, Debug)]
pub(crate) struct Response {
    pub(crate) delay: Duration,
    pub(crate) status: u16,
    /// One more header.
    pub(crate) header: (&'static str, String),
    pub(crate) body: String,
}

impl Response {
    /// 200 with this content type, at once.
    pub(crate) fn of(content_type: &str, body: &str) -> Self {
        Self {
            delay: Duration::ZERO,
            status: 200,
            header: ("content-type", content_type.to_owned()),
            body: body.to_owned(),
        }
    }
}

/// How the endpoint responds to a delivery.
type Respond = dyn Fn(&Received) -> Response + Send + Sync;

/// The endpoint of an agent.
#[derive(Clone)]
pub(crate) struct Endpoint {
    pub(crate) url: String,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Endpoint {
    /// An endpoint that replies `Re: ` and the text.
    pub(crate) async fn replying() -> Self {
        let reply = |body: &str| json!({"reply": {"body": format!("Re: {body}")}});
        Self::responding(move |body| (Duration::ZERO, 200, reply(body))).await
    }

    /// An endpoint that responds to a text as a test says: after this time, with this status and body. The body of a redirect
    /// is its URL.
    pub(crate) async fn responding(
        respond: impl Fn(&str) -> (Duration, u16, Value) + Send + Sync + 'static,
    ) -> Self {
        Self::answering(move |received| {
            let (delay, status, body) = respond(&received.body());
            let header = match &body {
                Value::String(url) if (300..400).contains(&status) => ("location", url.clone()),
                _ => ("content-type", "application/json".to_owned()),
            };
            let body = if body.is_null() { String::new() } else { body.to_string() };
            Response { delay, status, header, body }
        })
        .await
    }

    /// An endpoint that answers any delivery as a test says.
    pub(crate) async fn answering(
        respond: impl Fn(&Received) -> Response + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/messages", listener.local_addr().unwrap());
        let endpoint = Self { url, received: Arc::default() };
        let respond: Arc<Respond> = Arc::new(respond);
        let received = Arc::clone(&endpoint.received);
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let (received, respond) = (Arc::clone(&received), Arc::clone(&respond));
                tokio::spawn(async move { serve(socket, &received, respond.as_ref()).await });
            }
        });
        endpoint
    }

    /// What it received, oldest first.
    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    /// Waits until it received so many deliveries.
    pub(crate) async fn receives(&self, count: usize) -> Vec<Received> {
        within(Duration::from_secs(30), "the endpoint receives deliveries", async || {
            Some(self.received()).filter(|received| received.len() >= count)
        })
        .await
    }
}

/// Answers one request and closes the connection. A request that breaks off is ignored.
async fn serve(mut socket: TcpStream, received: &Mutex<Vec<Received>>, respond: &Respond) {
    let Some(request) = read(&mut socket).await else { return };
    received.lock().unwrap().push(request.clone());
    let Response { delay, status, header: (name, value), body } = respond(&request);
    tokio::time::sleep(delay).await;
    let response = format!(
        "HTTP/1.1 {status} Any\r\n{name}: {value}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    let _client_may_be_gone = socket.write_all(response.as_bytes()).await;
}

async fn read(socket: &mut TcpStream) -> Option<Received> {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        if socket.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let text = String::from_utf8(bytes[..head].to_vec()).unwrap();
    let header = |line: &str| {
        let (name, value) = line.split_once(": ")?;
        Some((name.to_ascii_lowercase(), value.to_owned()))
    };
    let headers: BTreeMap<_, _> = text.lines().skip(1).filter_map(header).collect();
    let line = text.lines().next()?.trim_end_matches(" HTTP/1.1").to_owned();
    let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    while bytes.len() < head + 4 + length {
        if socket.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    Some(Received { line, headers, text: String::from_utf8(bytes[head + 4..].to_vec()).unwrap() })
}
