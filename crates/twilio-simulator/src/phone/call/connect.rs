//! `<Connect>`: connects the call to a voice server (Twilio, TwiML: `<Connect>`, `<Stream>`, `<ConversationRelay>`).

use std::time::{Duration, Instant};

use super::execution::{Execution, Step};
use crate::dates::rfc_3339_micros;
use crate::phone::fields::{Fields, push};
use crate::phone::stream::{
    EndedBy, Handshake, MediaParams, RelayParams, StreamReport, open, run_media, run_relay,
};
use crate::phone::transcript::{Alert, Event, Purpose};
use crate::phone::twiml::{Connect, Noun, Relay, Stream, Target};

impl Execution<'_> {
    pub(super) async fn connect(&mut self, connect: &Connect) -> Step {
        match &connect.noun {
            Noun::Stream(stream) => self.stream(stream, connect.action.as_ref()).await,
            Noun::Relay(relay) => self.relay(relay, connect.action.as_ref()).await,
        }
    }

    async fn stream(&mut self, stream: &Stream, action: Option<&Target>) -> Step {
        self.note(format!("Connect to the stream {}", stream.url));
        let sid = self.sids.next("MZ");
        let mut fields = Vec::new();
        push(&mut fields, "StreamSid", &sid);
        let opened = match &stream.track {
            Some(track) if track != "inbound_track" => {
                Err(Alert::error(31_941, format!("a bidirectional stream has no track {track}")))
            }
            _ => self.open(&stream.url).await,
        };
        let (socket, url) = match opened {
            Ok(opened) => opened,
            Err(alert) => {
                self.fail(stream, &sid, &alert, &mut fields).await;
                return self.action(action, fields);
            }
        };
        let url = url.to_string();
        let parameters = stream.parameters.clone();
        let opened = Event::StreamOpened { sid: sid.clone(), url: url.clone(), parameters };
        self.recorder.note(opened);
        self.send_stream_status(stream, &sid, "stream-started", None).await;
        let end = run_media(
            socket,
            &MediaParams {
                sid: &sid,
                account: self.facts.account.as_str(),
                call: &self.facts.sid,
                parameters: &stream.parameters,
                caller: &self.call.caller,
                pace: self.call.pace,
                changes: &self.call.changes,
                recorder: self.recorder,
            },
        )
        .await;
        self.clock
            .count(Duration::from_millis(20) * u32::try_from(end.frames_sent).unwrap_or(u32::MAX));
        self.recorder.note(Event::StreamClosed {
            sid: sid.clone(),
            sent: end.frames_sent,
            received: end.frames_received,
            heard_bytes: end.heard.len(),
            by: end.ended_by.as_str(),
        });
        if let Some(alert) = &end.failure {
            self.fail(stream, &sid, alert, &mut fields).await;
        } else {
            self.send_stream_status(stream, &sid, "stream-stopped", None).await;
        }
        self.streams.push(StreamReport {
            sid,
            url,
            parameters: stream.parameters.clone(),
            frames_sent: end.frames_sent,
            frames_received: end.frames_received,
            heard: end.heard,
            marks: end.marks,
            ended_by: end.ended_by,
        });
        match end.ended_by {
            EndedBy::Server => self.action(action, fields),
            // The update from the REST API determines the next step.
            EndedBy::Change => Step::Next,
            EndedBy::Caller | EndedBy::Limit => self.end_by_caller(action, fields).await,
        }
    }

    async fn relay(&mut self, relay: &Relay, action: Option<&Target>) -> Step {
        self.note(format!("Connect to the conversation relay {}", relay.url));
        let sid = self.sids.next("VX");
        let mut fields = Vec::new();
        push(&mut fields, "SessionId", &sid);
        let (socket, url) = match self.open(&relay.url).await {
            Ok(opened) => opened,
            Err(alert) => {
                self.recorder.note(Event::Alert(alert.clone()));
                push(&mut fields, "SessionStatus", "failed");
                push(&mut fields, "SessionDuration", "0");
                push(&mut fields, "ErrorCode", "39001");
                push(&mut fields, "ErrorMessage", alert.text);
                return self.action(action, fields);
            }
        };
        let (url, parameters) = (url.to_string(), relay.parameters.clone());
        self.recorder.note(Event::StreamOpened { sid: sid.clone(), url, parameters });
        let started = Instant::now();
        let end = run_relay(
            socket,
            &RelayParams {
                sid: &sid,
                account: self.facts.account.as_str(),
                call: &self.facts.sid,
                from: &self.facts.from,
                to: &self.facts.to,
                greeting: relay.greeting.as_deref(),
                language: &relay.language,
                parameters: &relay.parameters,
                caller: &self.call.caller,
                changes: &self.call.changes,
                recorder: self.recorder,
            },
        )
        .await;
        self.recorder.note(Event::StreamClosed {
            sid,
            sent: end.prompts,
            received: end.texts,
            heard_bytes: 0,
            by: end.ended_by.as_str(),
        });
        let status = match (&end.failure, end.ended_by) {
            (Some(_), _) => "failed",
            (None, EndedBy::Server) => "ended",
            (None, _) => "completed",
        };
        push(&mut fields, "SessionStatus", status);
        push(&mut fields, "SessionDuration", started.elapsed().as_secs().to_string());
        if let Some(handoff) = end.handoff {
            push(&mut fields, "HandoffData", handoff);
        }
        if end.ended_by == EndedBy::Change {
            return Step::Next;
        }
        let is_over = end.failure.is_none() && end.ended_by != EndedBy::Server;
        if let Some(alert) = end.failure {
            self.recorder.note(Event::Alert(alert.clone()));
            push(&mut fields, "ErrorCode", alert.code.to_string());
            push(&mut fields, "ErrorMessage", alert.text);
        }
        if is_over { self.end_by_caller(action, fields).await } else { self.action(action, fields) }
    }

    async fn open(&self, url: &str) -> Result<(crate::phone::stream::Socket, url::Url), Alert> {
        let base = self.document.as_ref().map(|document| &document.base);
        open(&Handshake { transport: self.transport, key: &self.key, base, url }).await
    }

    /// Records a failed stream and reports it to the stream's status callback and the action URL.
    async fn fail(&self, stream: &Stream, sid: &str, alert: &Alert, fields: &mut Fields) {
        self.recorder.note(Event::Alert(alert.clone()));
        push(fields, "StreamEvent", "stream-error");
        push(fields, "StreamError", &alert.text);
        push(fields, "ErrorCode", alert.code.to_string());
        self.send_stream_status(stream, sid, "stream-error", Some(alert)).await;
    }

    /// Calls the stream's status callback (Twilio, TwiML `<Stream>`: `statusCallback`).
    async fn send_stream_status(
        &self,
        stream: &Stream,
        sid: &str,
        event: &str,
        alert: Option<&Alert>,
    ) {
        let Some(target) = &stream.status else { return };
        let mut fields = Vec::new();
        push(&mut fields, "AccountSid", self.facts.account.as_str());
        push(&mut fields, "CallSid", &self.facts.sid);
        push(&mut fields, "StreamSid", sid);
        let name = stream.name.as_deref().unwrap_or(sid);
        push(&mut fields, "StreamName", name);
        push(&mut fields, "StreamEvent", event);
        if let Some(alert) = alert {
            push(&mut fields, "StreamError", &alert.text);
        }
        push(&mut fields, "Timestamp", rfc_3339_micros(self.time.now()));
        self.send_callback(Purpose::StreamStatus, &self.resolved(target), &fields).await;
    }
}
