//! Executes the TwiML documents of a call.

use std::time::Duration;

use switchboard_domain::ports::Clock;
use switchboard_domain::signature::SigningKey;
use url::Url;

use super::clock::CallClock;
use super::control::Change;
use super::inbound_call::{Extent, InboundCall, Outcome};
use crate::phone::delivery::{Channel, PendingFaults, WebhookClient, WebhookResponse};
use crate::phone::fields::{CallFacts, CallStatus, Fields, call_fields, push};
use crate::phone::sids::Sids;
use crate::phone::stream::StreamReport;
use crate::phone::transcript::{Alert, Event, Purpose, Recorder};
use crate::phone::transport::Transport;
use crate::phone::twiml::{Answered, Target, Verb, read_voice};
use crate::phone::webhook::Webhook;

/// The maximum number of documents per call, which ends redirect loops.
const MAX_DOCUMENTS: usize = 100;

/// A call in progress.
pub(super) struct Execution<'a> {
    pub(super) transport: &'a Transport,
    pub(super) sids: &'a Sids,
    pub(super) recorder: &'a Recorder<'a>,
    pub(super) client: WebhookClient<'a>,
    pub(super) key: SigningKey,
    pub(super) call: InboundCall,
    pub(super) facts: CallFacts,
    pub(super) clock: CallClock,
    /// The time that callbacks report.
    pub(super) time: &'a dyn Clock,
    /// The number of status callbacks sent so far.
    pub(super) callbacks: usize,
    /// Status callbacks delayed by `Fault::Reordered`.
    pub(super) delayed_callbacks: Vec<Fields>,
    pub(super) streams: Vec<StreamReport>,
    /// The source of the current document. `None` before the first one.
    pub(super) document: Option<Document>,
}

/// Where a document came from.
pub(super) struct Document {
    /// The webhook that returned it; a verb without `action` calls it again.
    pub(super) webhook: Webhook,
    /// The base of its relative URLs.
    pub(super) base: Url,
}

/// A request for a TwiML document.
pub(super) struct Fetch {
    pub(super) purpose: Purpose,
    pub(super) webhook: Webhook,
    /// The parameters that the verb adds.
    pub(super) fields: Fields,
}

/// What follows a verb.
pub(super) enum Step {
    /// The next verb.
    Next,
    /// Another document.
    Fetch(Fetch),
    /// TwiML from the REST API.
    Twiml(String),
    /// The end of the call.
    End(Ending),
}

/// How a call ends.
pub(super) struct Ending {
    pub(super) status: CallStatus,
    pub(super) reason: String,
}

impl Ending {
    pub(super) fn completed(reason: impl Into<String>) -> Self {
        Self { status: CallStatus::Completed, reason: reason.into() }
    }

    pub(super) fn hung_up() -> Self {
        Self::completed("the caller hung up")
    }
}

/// Runs a call until it ends.
pub(crate) async fn run(
    transport: &Transport,
    sids: &Sids,
    time: &dyn Clock,
    recorder: &Recorder<'_>,
    mut call: InboundCall,
) -> Outcome {
    let faults = PendingFaults::new(std::mem::take(&mut call.faults));
    let sid = call.sid.take().unwrap_or_else(|| sids.next("CA"));
    let execution = Execution {
        transport,
        sids,
        recorder,
        client: WebhookClient::new(transport, sids, recorder, &call.signer, Channel::Voice, faults),
        key: SigningKey::new(&call.signer.token).unwrap_or_else(SigningKey::decoy),
        facts: CallFacts {
            sid,
            account: call.signer.account,
            from: call.from.clone(),
            to: call.to.clone(),
            direction: "inbound",
            status: CallStatus::Ringing,
            application: call.application_sid.clone(),
            special: special_fields(&call),
        },
        clock: CallClock::new(call.pace, call.caller.max_duration),
        time,
        callbacks: 0,
        delayed_callbacks: Vec::new(),
        streams: Vec::new(),
        document: None,
        call,
    };
    execution.run().await
}

/// Parameters that only some calls have. A call from the telephone network has a call token and a caller ID
/// attestation (Twilio, "Trusted Calling with SHAKEN/STIR").
fn special_fields(call: &InboundCall) -> Fields {
    let mut fields = call.special_fields.clone();
    let usual = [
        ("CallToken", r#"{"parentCallInfoToken":"simulated","identityHeaderTokens":[]}"#),
        ("StirVerstat", "TN-Validation-Passed-A"),
    ];
    for (name, value) in usual {
        if call.from.starts_with('+') && fields.iter().all(|(given, _)| given != name) {
            push(&mut fields, name, value);
        }
    }
    fields
}

impl Execution<'_> {
    async fn run(mut self) -> Outcome {
        self.changed(CallStatus::Ringing).await;
        let webhook = self.call.voice.clone();
        let mut step =
            Step::Fetch(Fetch { purpose: Purpose::Incoming, webhook, fields: Vec::new() });
        let mut documents = 0;
        let ending = loop {
            if documents == MAX_DOCUMENTS {
                break Ending::completed("too many documents");
            }
            documents += 1;
            let verbs = match step {
                Step::Fetch(fetch) => self.fetch(fetch).await,
                Step::Twiml(text) => self.given(text).await,
                Step::Next => break Ending::completed("all verbs were executed"),
                Step::End(ending) => break ending,
            };
            if self.call.extent == Extent::FirstAnswer {
                break Ending::completed("only the first response was wanted");
            }
            step = match verbs {
                Ok(verbs) => self.follow(verbs).await,
                Err(ending) => Step::End(ending),
            };
            if !matches!(step, Step::End(_)) {
                step = self.change().unwrap_or(step);
            }
        };
        let seconds = self.clock.since_answer().as_secs_f64().ceil();
        self.changed(ending.status).await;
        self.send_delayed_callbacks().await;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the duration of a call is positive and small"
        )]
        let seconds = seconds as u64;
        let status = ending.status;
        self.recorder.note(Event::Ended { status, seconds, reason: ending.reason });
        Outcome { sid: self.facts.sid, status, seconds, streams: self.streams }
    }

    /// Requests a document, and the fallback if that fails.
    async fn fetch(&mut self, fetch: Fetch) -> Result<Vec<Verb>, Ending> {
        let url = fetch.webhook.url.clone();
        let is_fallback = fetch.purpose == Purpose::Fallback;
        let alert = match self.ask(&fetch).await {
            Ok(verbs) => return Ok(verbs),
            Err(alert) => alert,
        };
        self.recorder.note(Event::Alert(alert.clone()));
        if let Some(webhook) = self.call.fallback.clone().filter(|_| !is_fallback) {
            let mut fields = Vec::new();
            push(&mut fields, "ErrorCode", alert.code.to_string());
            push(&mut fields, "ErrorUrl", url);
            let fallback = Fetch { purpose: Purpose::Fallback, webhook, fields };
            match self.ask(&fallback).await {
                Ok(verbs) => return Ok(verbs),
                Err(alert) => self.recorder.note(Event::Alert(alert)),
            }
        }
        // Twilio answers the call, plays an error message and hangs up.
        self.answer().await;
        Err(Ending::completed("an application error message was played"))
    }

    async fn ask(&mut self, fetch: &Fetch) -> Result<Vec<Verb>, Alert> {
        let mut fields = call_fields(&self.facts);
        fields.extend(fetch.fields.iter().cloned());
        let answer = self.client.deliver(fetch.purpose, &fetch.webhook, &fields).await?;
        let read = read_voice(&answer)?;
        self.document = Some(Document { webhook: fetch.webhook.clone(), base: answer.url });
        Ok(self.record_document(read))
    }

    /// The next step according to an update from the REST API, if there is one.
    fn change(&self) -> Option<Step> {
        Some(match self.call.changes.take()? {
            Change::HangUp => Step::End(Ending::completed("ended through the REST API")),
            Change::Follow(webhook) => {
                Step::Fetch(Fetch { purpose: Purpose::Redirect, webhook, fields: Vec::new() })
            }
            Change::FollowTwiml(text) => Step::Twiml(text),
        })
    }

    /// Parses TwiML from the REST API.
    async fn given(&mut self, text: String) -> Result<Vec<Verb>, Ending> {
        let base = self.document.as_ref().map(|document| document.base.clone());
        let read =
            base.ok_or_else(|| Alert::error(11_100, "no document is active")).and_then(|url| {
                let content_type = Some("text/xml".to_owned());
                read_voice(&WebhookResponse { url, content_type, body: text.into_bytes() })
            });
        match read {
            Ok(read) => Ok(self.record_document(read)),
            Err(alert) => {
                self.recorder.note(Event::Alert(alert));
                self.answer().await;
                Err(Ending::completed("an application error message was played"))
            }
        }
    }

    /// Records a document and returns its verbs.
    fn record_document(&self, read: Answered<Verb>) -> Vec<Verb> {
        self.recorder.note(Event::Twiml { text: read.text });
        for warning in read.warnings {
            self.recorder.note(Event::Alert(warning));
        }
        read.verbs
    }

    async fn follow(&mut self, verbs: Vec<Verb>) -> Step {
        if verbs.is_empty() {
            self.answer().await;
        }
        for verb in verbs {
            // Only these verbs do not answer the call.
            let may_wait = matches!(verb, Verb::Reject { .. } | Verb::Redirect(_) | Verb::Dial(_));
            if !may_wait {
                self.answer().await;
            }
            match self.verb(verb).await {
                Step::Next if self.call.changes.are_waiting() => return Step::Next,
                Step::Next if self.clock.is_over() => return Step::End(Ending::hung_up()),
                Step::Next => {}
                step => return step,
            }
        }
        Step::Next
    }

    /// Answers the call, unless it is already answered.
    pub(super) async fn answer(&mut self) {
        if self.facts.status == CallStatus::Ringing {
            self.clock.answer();
            self.changed(CallStatus::InProgress).await;
        }
    }

    /// Lets time pass until the call is updated.
    pub(super) async fn pass(&mut self, time: Duration) {
        tokio::select! {
            () = self.clock.pass(time) => {}
            () = self.call.changes.wait() => {}
        }
    }

    /// Whether the call is answered.
    pub(super) fn is_answered(&self) -> bool {
        self.facts.status == CallStatus::InProgress
    }

    /// Resolves a URL of the current document.
    pub(super) fn resolved(&self, target: &Target) -> Webhook {
        let base = self.document.as_ref().map(|document| &document.base);
        let url = base.and_then(|base| base.join(&target.url).ok());
        // An invalid URL is rejected when it is requested.
        let url = url.map_or_else(|| target.url.clone(), String::from);
        Webhook { url, method: target.method }
    }

    /// The step after a verb with `action`: the action's document, or the next verb.
    pub(super) fn action(&self, action: Option<&Target>, fields: Fields) -> Step {
        match action {
            Some(target) => Step::Fetch(Fetch {
                purpose: Purpose::Action,
                webhook: self.resolved(target),
                fields,
            }),
            None => Step::Next,
        }
    }

    /// The step after a verb whose default `action` is the current document.
    pub(super) fn action_or_document(&self, action: Option<&Target>, fields: Fields) -> Step {
        let webhook = match (action, &self.document) {
            (Some(target), _) => self.resolved(target),
            // The method of an action is POST, independent of the document's method.
            (None, Some(document)) => Webhook::post(&document.webhook.url),
            (None, None) => return Step::Next,
        };
        Step::Fetch(Fetch { purpose: Purpose::Action, webhook, fields })
    }

    /// Ends the call after the caller hung up. The action URL is still called; its response is ignored.
    pub(super) async fn end_by_caller(&mut self, action: Option<&Target>, fields: Fields) -> Step {
        self.facts.status = CallStatus::Completed;
        if let Step::Fetch(fetch) = self.action(action, fields) {
            let mut fields = call_fields(&self.facts);
            fields.extend(fetch.fields);
            let result = self.client.deliver(fetch.purpose, &fetch.webhook, &fields).await;
            if let Err(alert) = result {
                self.recorder.note(Event::Alert(alert));
            }
        }
        Step::End(Ending::hung_up())
    }
}
