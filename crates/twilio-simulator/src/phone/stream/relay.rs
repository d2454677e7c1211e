//! Runs a conversation relay (Twilio, ConversationRelay: "WebSocket messages").

use futures_util::{SinkExt as _, StreamExt as _};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::error::Error;

use super::handshake::Socket;
use super::media::{CLOSE_TIMEOUT, broken};
use super::report::{EndedBy, RelayEnd};
use crate::phone::call::{CallChanges, Caller};
use crate::phone::transcript::{Alert, Event, Recorder};

/// The number of consecutive invalid messages that end the session (Twilio, error 64105).
const MAX_INVALID: usize = 10;

/// The parameters of a conversation relay.
pub(crate) struct RelayParams<'a> {
    pub(crate) sid: &'a str,
    pub(crate) account: &'a str,
    pub(crate) call: &'a str,
    pub(crate) from: &'a str,
    pub(crate) to: &'a str,
    pub(crate) greeting: Option<&'a str>,
    pub(crate) language: &'a str,
    pub(crate) parameters: &'a [(String, String)],
    pub(crate) caller: &'a Caller,
    pub(crate) changes: &'a CallChanges,
    pub(crate) recorder: &'a Recorder<'a>,
}

/// A message from the server.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
enum RelayMessage {
    Text {
        token: String,
        #[serde(default)]
        last: bool,
    },
    Play {
        source: String,
    },
    SendDigits {
        digits: String,
    },
    Language {},
    End {
        handoff_data: Option<String>,
    },
}

struct RelaySession<'a> {
    params: &'a RelayParams<'a>,
    prompts: std::slice::Iter<'a, String>,
    sent: usize,
    received: usize,
    invalid: usize,
    /// The tokens of an incomplete reply.
    words: String,
    handoff: Option<String>,
    failure: Option<Alert>,
}

/// Runs the session until either side ends it.
pub(crate) async fn run(mut socket: Socket, params: &RelayParams<'_>) -> RelayEnd {
    let mut session = RelaySession {
        params,
        prompts: params.caller.prompts.iter(),
        sent: 0,
        received: 0,
        invalid: 0,
        words: String::new(),
        handoff: None,
        failure: None,
    };
    let limit = Instant::now() + params.caller.max_duration;
    let ended_by = tokio::select! {
        ended = session.hold(&mut socket) => ended,
        () = params.changes.wait() => EndedBy::Change,
        () = sleep_until(limit) => EndedBy::Limit,
    };
    // Fails if the server has already closed the connection.
    let _gone = timeout(CLOSE_TIMEOUT, socket.close(None)).await;
    let RelaySession { sent, received, handoff, failure, .. } = session;
    RelayEnd { prompts: sent, texts: received, ended_by, handoff, failure }
}

impl RelaySession<'_> {
    async fn hold(&mut self, socket: &mut Socket) -> EndedBy {
        let mut opening = vec![self.setup()];
        for key in &self.params.caller.keys {
            self.params.recorder.note(Event::Key { digit: key.digit });
            opening.push(json!({"type": "dtmf", "digit": key.digit}));
        }
        if let Some(greeting) = self.params.greeting {
            self.params.recorder.note(Event::Said { text: greeting.to_owned() });
        }
        opening.extend(self.next_prompt());
        for message in opening {
            if let Err(error) = socket.send(Message::text(message.to_string())).await {
                return self.connection_failed(&error);
            }
        }
        if self.params.caller.prompts.is_empty() {
            return EndedBy::Caller;
        }
        loop {
            let text = match socket.next().await {
                Some(Ok(Message::Text(text))) => text,
                Some(Ok(Message::Binary(_))) => "".into(),
                None | Some(Ok(Message::Close(_)) | Err(Error::ConnectionClosed)) => {
                    self.failure = Some(Alert::error(39_001, "the server closed the session"));
                    return EndedBy::Server;
                }
                Some(Ok(_)) => continue,
                Some(Err(error)) => return self.connection_failed(&error),
            };
            match self.receive(&text) {
                Some(Next::Prompt(prompt)) => {
                    if let Err(error) = socket.send(Message::text(prompt.to_string())).await {
                        return self.connection_failed(&error);
                    }
                }
                Some(Next::End(by)) => return by,
                None => {}
            }
        }
    }

    fn connection_failed(&mut self, error: &Error) -> EndedBy {
        self.failure = Some(broken(error));
        EndedBy::Server
    }

    fn setup(&self) -> Value {
        let params = self.params;
        let parameters: Map<String, Value> = params
            .parameters
            .iter()
            .map(|(name, value)| (name.clone(), Value::from(value.as_str())))
            .collect();
        json!({
            "type": "setup", "sessionId": params.sid, "accountSid": params.account,
            "parentCallSid": "", "callSid": params.call, "from": params.from, "to": params.to,
            "forwardedFrom": "", "callType": "PSTN", "callerName": "", "direction": "inbound",
            "callStatus": "RINGING", "customParameters": parameters,
        })
    }

    /// The caller's next prompt, if any is left.
    fn next_prompt(&mut self) -> Option<Value> {
        let text = self.prompts.next()?;
        self.sent += 1;
        self.params.recorder.note(Event::Prompt { text: text.clone() });
        Some(json!({
            "type": "prompt", "voicePrompt": text, "lang": self.params.language, "last": true,
        }))
    }

    fn receive(&mut self, text: &str) -> Option<Next> {
        let Ok(said) = serde_json::from_str::<RelayMessage>(text) else {
            self.invalid += 1;
            self.params.recorder.note(Event::Alert(Alert::warning(64_107, "a message is invalid")));
            return (self.invalid == MAX_INVALID).then(|| {
                self.failure = Some(Alert::error(64_105, "ten consecutive messages are invalid"));
                Next::End(EndedBy::Limit)
            });
        };
        self.invalid = 0;
        self.received += 1;
        let note = |text| self.params.recorder.note(Event::Said { text });
        match said {
            RelayMessage::Text { token, last } => {
                self.words.push_str(&token);
                if !last {
                    return None;
                }
                note(std::mem::take(&mut self.words));
                let next = self.next_prompt().map(Next::Prompt);
                return Some(next.unwrap_or(Next::End(EndedBy::Caller)));
            }
            RelayMessage::Play { source } => note(format!("[plays {source}]")),
            RelayMessage::SendDigits { digits } => note(format!("[sends the keys {digits}]")),
            RelayMessage::Language {} => note("[changes the language]".to_owned()),
            RelayMessage::End { handoff_data } => {
                self.handoff = handoff_data.or_else(|| Some(String::new()));
                return Some(Next::End(EndedBy::Server));
            }
        }
        None
    }
}

/// What follows a message from the server.
enum Next {
    Prompt(Value),
    End(EndedBy),
}
