//! What each verb does; those that connect the call to somebody have files of their own.

use std::time::Duration;

use super::caller::Input;
use super::execution::{Ending, Execution, Fetch, Step};
use crate::phone::fields::{CallStatus, Fields, push};
use crate::phone::transcript::{Event, Purpose};
use crate::phone::twiml::{Gather, Record, Verb};
use crate::phone::webhook::Webhook;

/// How long a character takes to say.
const SPOKEN_CHARACTER: Duration = Duration::from_millis(60);
/// How long a sound file is taken to be; it is not fetched.
const PLAYED_FILE: Duration = Duration::from_secs(3);

impl Execution<'_> {
    pub(super) async fn verb(&mut self, verb: Verb) -> Step {
        match verb {
            Verb::Say { .. } | Verb::Play { .. } | Verb::Pause { .. } => {
                self.sound(&verb).await;
                Step::Next
            }
            Verb::Gather(gather) => self.gather(&gather).await,
            Verb::Hangup => {
                self.note("Hangup");
                Step::End(Ending::completed("the document hangs up"))
            }
            Verb::Reject { is_busy } => {
                self.note(if is_busy { "Reject busy" } else { "Reject" });
                let status = match (self.is_answered(), is_busy) {
                    (true, _) => CallStatus::Completed,
                    (false, true) => CallStatus::Busy,
                    (false, false) => CallStatus::NoAnswer,
                };
                Step::End(Ending { status, reason: "the document rejects the call".to_owned() })
            }
            Verb::Redirect(target) => {
                self.note(format!("Redirect to {}", target.url));
                let Step::Fetch(fetch) = self.action(Some(&target), Vec::new()) else {
                    return Step::Next;
                };
                Step::Fetch(Fetch { purpose: Purpose::Redirect, ..fetch })
            }
            Verb::Connect(connect) => self.connect(&connect).await,
            Verb::Dial(dial) => self.dial(&dial).await,
            Verb::Record(record) => self.record(&record).await,
            Verb::PassedOver { name } => {
                self.note(format!("{name}: not simulated, passed over"));
                Step::Next
            }
            Verb::Enqueue { name } => {
                self.note(format!("Enqueue in {name}"));
                Step::End(Ending::completed("the call waits in a queue, where nobody comes for it"))
            }
        }
    }

    pub(super) fn note(&self, text: impl Into<String>) {
        self.recorder.note(Event::Verb { text: text.into() });
    }

    /// The caller hears something, or nothing for a while.
    async fn sound(&mut self, verb: &Verb) {
        let length = match verb {
            Verb::Say { text } => {
                self.note(format!("Say: {text}"));
                let characters = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
                SPOKEN_CHARACTER.saturating_mul(characters)
            }
            Verb::Play { url } => {
                self.note(format!("Play {url}"));
                PLAYED_FILE
            }
            Verb::Pause { length } => {
                self.note(format!("Pause of {} s", length.as_secs()));
                *length
            }
            _ => return,
        };
        self.pass(length).await;
    }

    async fn gather(&mut self, gather: &Gather) -> Step {
        self.note("Gather");
        for prompt in &gather.prompts {
            self.sound(prompt).await;
        }
        let mut fields = Vec::new();
        match self.next_input() {
            Input::Digits(digits) => {
                self.note(format!("Gather: the caller presses {digits}"));
                push(&mut fields, "Digits", digits);
            }
            Input::Speech(words) => {
                self.note(format!("Gather: the caller says {words}"));
                push(&mut fields, "SpeechResult", words);
                push(&mut fields, "Confidence", "0.9");
            }
            Input::Nothing => {
                self.pass(gather.timeout).await;
                if !gather.action_on_empty {
                    return Step::Next;
                }
                push(&mut fields, "Digits", "");
            }
        }
        self.action_or_document(gather.action.as_ref(), fields)
    }

    fn next_input(&mut self) -> Input {
        let inputs = &mut self.order.caller.inputs;
        if inputs.is_empty() { Input::Nothing } else { inputs.remove(0) }
    }

    async fn record(&mut self, record: &Record) -> Step {
        let length = self.order.caller.recorded.min(record.max_length);
        self.note(format!("Record: the caller speaks for {} s", length.as_secs()));
        self.pass(length).await;
        let sid = self.sids.next("RE");
        let account = self.facts.account;
        let url = format!("https://api.twilio.com/2010-04-01/Accounts/{account}/Recordings/{sid}");
        let mut fields: Fields = Vec::new();
        push(&mut fields, "RecordingUrl", url);
        push(&mut fields, "RecordingSid", sid);
        push(&mut fields, "RecordingDuration", length.as_secs().to_string());
        if let Some(target) = &record.status {
            let webhook = self.resolved(target);
            let mut told = fields.clone();
            push(&mut told, "AccountSid", account.as_str());
            push(&mut told, "CallSid", &self.facts.sid);
            push(&mut told, "RecordingStatus", "completed");
            push(&mut told, "RecordingChannels", "1");
            push(&mut told, "RecordingSource", "RecordVerb");
            self.tell_aside(Purpose::RecordingStatus, &webhook, &told).await;
        }
        if self.clock.is_over() {
            push(&mut fields, "Digits", "hangup");
            return self.farewell(record.action.as_ref(), fields).await;
        }
        self.action_or_document(record.action.as_ref(), fields)
    }

    /// Tells somebody something that the call does not depend on.
    pub(super) async fn tell_aside(&self, purpose: Purpose, webhook: &Webhook, fields: &Fields) {
        if let Err(alert) = self.courier.deliver(purpose, webhook, fields).await {
            self.recorder.note(Event::Alert(alert));
        }
    }
}
