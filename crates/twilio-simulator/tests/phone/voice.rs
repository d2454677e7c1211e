//! A voice server that answers by a script, and keeps what it was told.

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

use crate::customer::TOKEN;

/// What the server does about a message.
#[derive(Clone)]
pub(crate) enum Do {
    Say(Value),
    /// Something that is none of the protocol's messages.
    SayBytes(Vec<u8>),
    Close,
    /// Leaves without a word.
    Vanish,
}

type Script = dyn Fn(&Value, usize) -> Vec<Do> + Send + Sync;

/// The server, which lives as long as the test.
pub(crate) struct Voice {
    pub(crate) url: String,
    told: Arc<Mutex<Vec<Value>>>,
    signatures: Arc<Mutex<Vec<bool>>>,
}

impl Voice {
    /// The script gets each message and its number, from 0.
    pub(crate) async fn answering(
        script: impl Fn(&Value, usize) -> Vec<Do> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}/media/x", listener.local_addr().unwrap());
        let voice = Self { url, told: Arc::default(), signatures: Arc::default() };
        let (told, signatures) = (Arc::clone(&voice.told), Arc::clone(&voice.signatures));
        let (script, url): (Arc<Script>, _) = (Arc::new(script), voice.url.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let session = Session {
                    url: url.clone(),
                    told: Arc::clone(&told),
                    signatures: Arc::clone(&signatures),
                    script: Arc::clone(&script),
                };
                tokio::spawn(session.hold(stream));
            }
        });
        voice
    }

    /// What the server was told so far.
    pub(crate) fn told(&self) -> Vec<Value> {
        self.told.lock().unwrap().clone()
    }

    /// Whether each handshake was signed with the right token.
    pub(crate) fn signatures(&self) -> Vec<bool> {
        self.signatures.lock().unwrap().clone()
    }
}

struct Session {
    url: String,
    told: Arc<Mutex<Vec<Value>>>,
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
            self.told.lock().unwrap().push(value.clone());
            for what in (self.script)(&value, number) {
                let done = match what {
                    Do::Say(value) => socket.send(Message::text(value.to_string())).await,
                    Do::SayBytes(bytes) => socket.send(Message::binary(bytes)).await,
                    Do::Close => socket.close(None).await,
                    Do::Vanish => return,
                };
                if done.is_err() {
                    return;
                }
            }
            number += 1;
        }
    }
}

/// Looks at the signature of a handshake; whatever it is, the stream is taken.
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
