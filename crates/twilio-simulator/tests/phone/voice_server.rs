//! A scripted voice server that records the messages it receives.

use std::sync::{Arc, Mutex};

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::Value;
use switchboard_domain::secret::Secret;
use switchboard_domain::signature::{SigningKey, sign_url};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::accept_hdr_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{
    Callback, ErrorResponse, Request, Response,
};

use crate::webhook_server::TOKEN;

/// The reaction to a message.
#[derive(Clone)]
pub(crate) enum Action {
    Send(Value),
    /// Sends a binary message, which the protocol does not allow.
    SendBytes(Vec<u8>),
    Close,
    /// Drops the connection without a close message.
    Drop,
}

type Script = dyn Fn(&Value, usize) -> Vec<Action> + Send + Sync;

/// A server that runs until the test ends.
pub(crate) struct VoiceServer {
    pub(crate) url: String,
    received: Arc<Mutex<Vec<Value>>>,
    signatures: Arc<Mutex<Vec<bool>>>,
}

impl VoiceServer {
    /// The script receives each message and its number, from 0.
    pub(crate) async fn responding_with(
        script: impl Fn(&Value, usize) -> Vec<Action> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}/media/x", listener.local_addr().unwrap());
        let voice = Self { url, received: Arc::default(), signatures: Arc::default() };
        let (received, signatures) = (Arc::clone(&voice.received), Arc::clone(&voice.signatures));
        let (script, url): (Arc<Script>, _) = (Arc::new(script), voice.url.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let session = Session {
                    url: url.clone(),
                    received: Arc::clone(&received),
                    signatures: Arc::clone(&signatures),
                    script: Arc::clone(&script),
                };
                tokio::spawn(session.hold(stream));
            }
        });
        voice
    }

    /// The messages received so far.
    pub(crate) fn received(&self) -> Vec<Value> {
        self.received.lock().unwrap().clone()
    }

    /// Whether each handshake was signed with the right token.
    pub(crate) fn signatures(&self) -> Vec<bool> {
        self.signatures.lock().unwrap().clone()
    }
}

struct Session {
    url: String,
    received: Arc<Mutex<Vec<Value>>>,
    signatures: Arc<Mutex<Vec<bool>>>,
    script: Arc<Script>,
}

impl Session {
    async fn hold(self, stream: TcpStream) {
        let Ok(mut socket) = accept_hdr_async(stream, Check(&self)).await else { return };
        let mut number = 0;
        while let Some(Ok(message)) = socket.next().await {
            let Message::Text(text) = message else { continue };
            let value: Value = serde_json::from_str(&text).unwrap();
            self.received.lock().unwrap().push(value.clone());
            for what in (self.script)(&value, number) {
                let done = match what {
                    Action::Send(value) => socket.send(Message::text(value.to_string())).await,
                    Action::SendBytes(bytes) => socket.send(Message::binary(bytes)).await,
                    Action::Close => socket.close(None).await,
                    Action::Drop => return,
                };
                if done.is_err() {
                    return;
                }
            }
            number += 1;
        }
    }
}

/// Records whether the handshake is signed correctly, and accepts it in any case.
struct Check<'a>(&'a Session);

impl Callback for Check<'_> {
    fn on_request(self, request: &Request, response: Response) -> Result<Response, ErrorResponse> {
        let key = SigningKey::new(&Secret::new(TOKEN.to_owned())).unwrap();
        let expected = sign_url(&key, &self.0.url, []);
        let given = request.headers().get("x-twilio-signature").unwrap().to_str().unwrap();
        self.0.signatures.lock().unwrap().push(given == expected);
        Ok(response)
    }
}
