//! Signed webhooks, sent over connections that are kept open.

use switchboard_domain::secret::Secret;
use switchboard_domain::signature::{SigningKey, sign_url};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use url::form_urlencoded;

use crate::installation::{ACCOUNT, PUBLIC_URL, TOKEN};

/// The SID of a message.
pub(crate) fn message_sid(n: u64) -> String {
    format!("SM{n:032x}")
}

/// A phone number of ours.
pub(crate) fn number(n: usize) -> String {
    format!("+1415{:07}", 5_550_000 + n)
}

/// The phone number of a contact.
pub(crate) fn contact(n: u64) -> String {
    format!("+1212{:07}", n % 10_000_000)
}

/// The webhook of a message with about the parameters that Twilio sends, as an HTTP request.
pub(crate) fn webhook(n: u64, to: &str, from: &str) -> Vec<u8> {
    let sid = message_sid(n);
    let fields = [
        ("ToCountry", "US"),
        ("ToState", "CA"),
        ("SmsMessageSid", &sid),
        ("NumMedia", "0"),
        ("ToCity", "SAN FRANCISCO"),
        ("FromZip", "94105"),
        ("SmsSid", &sid),
        ("FromState", "CA"),
        ("SmsStatus", "received"),
        ("FromCity", "SAN FRANCISCO"),
        ("Body", "Is the table by the window free tonight at eight?"),
        ("FromCountry", "US"),
        ("To", to),
        ("ToZip", "94105"),
        ("NumSegments", "1"),
        ("MessageSid", &sid),
        ("AccountSid", ACCOUNT),
        ("From", from),
        ("ApiVersion", "2010-04-01"),
    ];
    let key = SigningKey::new(&Secret::new(TOKEN.to_owned())).unwrap();
    let signature = sign_url(&key, &format!("{PUBLIC_URL}/api/twilio/webhook"), fields);
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    format!(
        "POST /api/twilio/webhook HTTP/1.1\r\nhost: voice.example.com\r\ncontent-type: application/x-www-form-urlencoded\r\n\
         x-twilio-signature: {signature}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// A connection to the server.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub(crate) async fn open(port: u16) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, buffer: vec![0; 16 * 1024] }
    }

    /// Sends a request, and reads its response, which must be 200.
    pub(crate) async fn send(&mut self, request: &[u8]) {
        self.stream.write_all(request).await.unwrap();
        let mut filled = 0;
        loop {
            let read = self.stream.read(&mut self.buffer[filled..]).await.unwrap();
            assert!(read > 0, "the server closed the connection");
            filled += read;
            if is_complete(&self.buffer[..filled]) {
                return;
            }
        }
    }
}

/// Whether a response is complete. Panics unless its status is 200.
fn is_complete(response: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(response) else { return false };
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    body.len() >= length.map_or(0, |length| length.trim().parse().unwrap())
}
