//! Executes verbs. `<Connect>` and `<Dial>` have their own modules.

use std::time::Duration;

use super::caller::Input;
use super::execution::{Ending, Execution, Fetch, Step};
use crate::phone::fields::{CallStatus, Fields, push};
use crate::phone::transcript::{Event, Purpose};
use crate::phone::twiml::{Gather, Record, Verb};
use crate::phone::webhook::Webhook;

/// The assumed duration of one spoken character.
const SPOKEN_CHARACTER: Duration = Duration::from_millis(60);
/// The assumed duration of an audio file, which is not downloaded.
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
                Step::End(Ending::completed("ended by <Hangup>"))
            }
            Verb::Reject { is_busy } => {
                self.note(if is_busy { "Reject busy" } else { "Reject" });
                let status = match (self.is_answered(), is_busy) {
                    (true, _) => CallStatus::Completed,
                    (false, true) => CallStatus::Busy,
                    (false, false) => CallStatus::NoAnswer,
                };
                Step::End(Ending { status, reason: "rejected by <Reject>".to_owned() })
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
            Verb::Unsupported { name } => {
                self.note(format!("{name}: not simulated, ignored"));
                Step::Next
            }
            Verb::Enqueue { name } => {
                self.note(format!("Enqueue in {name}"));
                Step::End(Ending::completed("ended in a queue, which is not simulated"))
            }
        }
    }

    pub(super) fn note(&self, text: impl Into<String>) {
        self.recorder.note(Event::Verb { text: text.into() });
    }

    /// Plays speech, audio or silence to the caller.
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
        let inputs = &mut self.call.caller.inputs;
        if inputs.is_empty() { Input::Nothing } else { inputs.remove(0) }
    }

    async fn record(&mut self, record: &Record) -> Step {
        let length = self.call.caller.recorded.min(record.max_length);
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
            let mut result = fields.clone();
            push(&mut result, "AccountSid", account.as_str());
            push(&mut result, "CallSid", &self.facts.sid);
            push(&mut result, "RecordingStatus", "completed");
            push(&mut result, "RecordingChannels", "1");
            push(&mut result, "RecordingSource", "RecordVerb");
            self.send_callback(Purpose::RecordingStatus, &webhook, &result).await;
        }
        if self.clock.is_over() {
            push(&mut fields, "Digits", "hangup");
            return self.end_by_caller(record.action.as_ref(), fields).await;
        }
        self.action_or_document(record.action.as_ref(), fields)
    }

    /// Sends a callback whose response does not affect the call.
    pub(super) async fn send_callback(&self, purpose: Purpose, webhook: &Webhook, fields: &Fields) {
        if let Err(alert) = self.client.deliver(purpose, webhook, fields).await {
            self.recorder.note(Event::Alert(alert));
        }
    }
}
