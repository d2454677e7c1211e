//! A conversation relay (Twilio, ConversationRelay: "WebSocket messages").

use futures_util::{SinkExt as _, StreamExt as _};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::error::Error;

use super::media::{GOODBYE, broken};
use super::opening::Socket;
use super::report::{EndedBy, RelayEnd};
use crate::phone::call::{CallChanges, Caller};
use crate::phone::transcript::{Alert, Event, Recorder};

/// So many messages in a row that cannot be read end the session (Twilio, error 64105).
const MOST_INVALID: usize = 10;

/// What is relayed, and to whom it belongs.
pub(crate) struct RelayOrder<'a> {
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

/// What the server says.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
enum Said {
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

struct Session<'a> {
    order: &'a RelayOrder<'a>,
    prompts: std::slice::Iter<'a, String>,
    sent: usize,
    received: usize,
    invalid: usize,
    /// The words of an answer that is not whole yet.
    words: String,
    handoff: Option<String>,
    failure: Option<Alert>,
}

/// Holds the session until one of both sides ends it.
pub(crate) async fn run(mut socket: Socket, order: &RelayOrder<'_>) -> RelayEnd {
    let mut session = Session {
        order,
        prompts: order.caller.prompts.iter(),
        sent: 0,
        received: 0,
        invalid: 0,
        words: String::new(),
        handoff: None,
        failure: None,
    };
    let limit = Instant::now() + order.caller.patience;
    let ended_by = tokio::select! {
        ended = session.hold(&mut socket) => ended,
        () = order.changes.wait() => EndedBy::Change,
        () = sleep_until(limit) => EndedBy::Limit,
    };
    // Where the server is gone already, there is nobody to say goodbye to.
    let _gone = timeout(GOODBYE, socket.close(None)).await;
    let Session { sent, received, handoff, failure, .. } = session;
    RelayEnd { prompts: sent, texts: received, ended_by, handoff, failure }
}

impl Session<'_> {
    async fn hold(&mut self, socket: &mut Socket) -> EndedBy {
        let mut opening = vec![self.setup()];
        for key in &self.order.caller.keys {
            self.order.recorder.note(Event::Key { digit: key.digit });
            opening.push(json!({"type": "dtmf", "digit": key.digit}));
        }
        if let Some(greeting) = self.order.greeting {
            self.order.recorder.note(Event::Said { text: greeting.to_owned() });
        }
        opening.extend(self.next_prompt());
        for message in opening {
            if let Err(error) = socket.send(Message::text(message.to_string())).await {
                return self.broke(&error);
            }
        }
        if self.order.caller.prompts.is_empty() {
            return EndedBy::Caller;
        }
        loop {
            let text = match socket.next().await {
                Some(Ok(Message::Text(text))) => text,
                Some(Ok(Message::Binary(_))) => "".into(),
                None | Some(Ok(Message::Close(_)) | Err(Error::ConnectionClosed)) => {
                    self.failure = Some(Alert::error(39_001, "the server left the session"));
                    return EndedBy::Server;
                }
                Some(Ok(_)) => continue,
                Some(Err(error)) => return self.broke(&error),
            };
            match self.hear(&text) {
                Some(Next::Prompt(prompt)) => {
                    if let Err(error) = socket.send(Message::text(prompt.to_string())).await {
                        return self.broke(&error);
                    }
                }
                Some(Next::End(by)) => return by,
                None => {}
            }
        }
    }

    fn broke(&mut self, error: &Error) -> EndedBy {
        self.failure = Some(broken(error));
        EndedBy::Server
    }

    fn setup(&self) -> Value {
        let order = self.order;
        let parameters: Map<String, Value> = order
            .parameters
            .iter()
            .map(|(name, value)| (name.clone(), Value::from(value.as_str())))
            .collect();
        json!({
            "type": "setup", "sessionId": order.sid, "accountSid": order.account,
            "parentCallSid": "", "callSid": order.call, "from": order.from, "to": order.to,
            "forwardedFrom": "", "callType": "PSTN", "callerName": "", "direction": "inbound",
            "callStatus": "RINGING", "customParameters": parameters,
        })
    }

    /// What the caller says next, if he has something left to say.
    fn next_prompt(&mut self) -> Option<Value> {
        let text = self.prompts.next()?;
        self.sent += 1;
        self.order.recorder.note(Event::Prompt { text: text.clone() });
        Some(json!({
            "type": "prompt", "voicePrompt": text, "lang": self.order.language, "last": true,
        }))
    }

    fn hear(&mut self, text: &str) -> Option<Next> {
        let Ok(said) = serde_json::from_str::<Said>(text) else {
            self.invalid += 1;
            self.order.recorder.note(Event::Alert(Alert::warning(64_107, "a message is invalid")));
            return (self.invalid == MOST_INVALID).then(|| {
                self.failure = Some(Alert::error(64_105, "ten messages in a row are invalid"));
                Next::End(EndedBy::Limit)
            });
        };
        self.invalid = 0;
        self.received += 1;
        let note = |text| self.order.recorder.note(Event::Said { text });
        match said {
            Said::Text { token, last } => {
                self.words.push_str(&token);
                if !last {
                    return None;
                }
                note(std::mem::take(&mut self.words));
                let next = self.next_prompt().map(Next::Prompt);
                return Some(next.unwrap_or(Next::End(EndedBy::Caller)));
            }
            Said::Play { source } => note(format!("[plays {source}]")),
            Said::SendDigits { digits } => note(format!("[sends the keys {digits}]")),
            Said::Language {} => note("[changes the language]".to_owned()),
            Said::End { handoff_data } => {
                self.handoff = handoff_data.or_else(|| Some(String::new()));
                return Some(Next::End(EndedBy::Server));
            }
        }
        None
    }
}

/// What follows a message of the server.
enum Next {
    Prompt(Value),
    End(EndedBy),
}
