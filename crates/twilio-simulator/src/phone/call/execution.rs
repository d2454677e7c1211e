//! The call follows its documents, one after the other.

use std::time::Duration;

use switchboard_domain::signature::SigningKey;
use url::Url;

use super::clock::CallClock;
use super::control::Change;
use super::inbound::{Extent, InboundCall, Outcome};
use crate::phone::delivery::{Answer, Channel, Courier, Faults};
use crate::phone::fields::{CallFacts, CallStatus, Fields, call_fields, push};
use crate::phone::network::Network;
use crate::phone::sids::Sids;
use crate::phone::stream::StreamReport;
use crate::phone::transcript::{Alert, Event, Purpose, Recorder};
use crate::phone::twiml::{Answered, Target, Verb, read_voice};
use crate::phone::webhook::Webhook;

/// A call that goes from document to document longer than this goes in circles.
const MOST_DOCUMENTS: usize = 100;

/// A call that is going on.
pub(super) struct Execution<'a> {
    pub(super) network: &'a Network,
    pub(super) sids: &'a Sids,
    pub(super) recorder: &'a Recorder<'a>,
    pub(super) courier: Courier<'a>,
    pub(super) key: SigningKey,
    pub(super) order: InboundCall,
    pub(super) facts: CallFacts,
    pub(super) clock: CallClock,
    /// Status callbacks so far.
    pub(super) callbacks: usize,
    /// Status callbacks that are to be overtaken.
    pub(super) held: Vec<Fields>,
    pub(super) streams: Vec<StreamReport>,
    /// The document that is followed, once there is one.
    pub(super) document: Option<Document>,
}

/// Where a document came from.
pub(super) struct Document {
    /// What was asked for it; a verb without an `action` asks it again.
    pub(super) webhook: Webhook,
    /// What its URLs are relative to.
    pub(super) base: Url,
}

/// A document that is to be asked for.
pub(super) struct Fetch {
    pub(super) purpose: Purpose,
    pub(super) webhook: Webhook,
    /// What the verb adds to the parameters.
    pub(super) fields: Fields,
}

/// What follows a verb.
pub(super) enum Step {
    /// The next verb.
    Next,
    /// Another document.
    Fetch(Fetch),
    /// A document that came from outside.
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

/// Puts a call through, until it is over.
pub(crate) async fn run(
    network: &Network,
    sids: &Sids,
    recorder: &Recorder<'_>,
    mut order: InboundCall,
) -> Outcome {
    let faults = Faults::new(std::mem::take(&mut order.faults));
    let sid = order.sid.take().unwrap_or_else(|| sids.next("CA"));
    let execution = Execution {
        network,
        sids,
        recorder,
        courier: Courier::new(network, sids, recorder, &order.signer, Channel::Voice, faults),
        key: SigningKey::new(&order.signer.token).unwrap_or_else(SigningKey::decoy),
        facts: CallFacts {
            sid,
            account: order.signer.account,
            from: order.from.clone(),
            to: order.to.clone(),
            direction: "inbound",
            status: CallStatus::Ringing,
            application: order.application_sid.clone(),
            special: special_fields(&order),
        },
        clock: CallClock::new(order.pace, order.caller.patience),
        callbacks: 0,
        held: Vec::new(),
        streams: Vec::new(),
        document: None,
        order,
    };
    execution.run().await
}

/// What only this kind of call carries. A call of the telephone network has a token and a word about who
/// vouches for its caller (Twilio, "Trusted Calling with SHAKEN/STIR").
fn special_fields(order: &InboundCall) -> Fields {
    let mut fields = order.special_fields.clone();
    let usual = [
        ("CallToken", r#"{"parentCallInfoToken":"simulated","identityHeaderTokens":[]}"#),
        ("StirVerstat", "TN-Validation-Passed-A"),
    ];
    for (name, value) in usual {
        if order.from.starts_with('+') && fields.iter().all(|(given, _)| given != name) {
            push(&mut fields, name, value);
        }
    }
    fields
}

impl Execution<'_> {
    async fn run(mut self) -> Outcome {
        self.changed(CallStatus::Ringing).await;
        let webhook = self.order.voice.clone();
        let mut step =
            Step::Fetch(Fetch { purpose: Purpose::Incoming, webhook, fields: Vec::new() });
        let mut documents = 0;
        let ending = loop {
            if documents == MOST_DOCUMENTS {
                break Ending::completed("the call goes in circles");
            }
            documents += 1;
            let verbs = match step {
                Step::Fetch(fetch) => self.fetch(fetch).await,
                Step::Twiml(text) => self.given(text).await,
                Step::Next => break Ending::completed("no verb is left"),
                Step::End(ending) => break ending,
            };
            if self.order.extent == Extent::FirstAnswer {
                let (sid, status) = (self.facts.sid, self.facts.status);
                return Outcome { sid, status, seconds: 0, streams: Vec::new() };
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
        self.release_held().await;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a call's seconds are few and positive"
        )]
        let seconds = seconds as u64;
        let status = ending.status;
        self.recorder.note(Event::Ended { status, seconds, reason: ending.reason });
        Outcome { sid: self.facts.sid, status, seconds, streams: self.streams }
    }

    /// Asks for a document, and for the fallback where that fails.
    async fn fetch(&mut self, fetch: Fetch) -> Result<Vec<Verb>, Ending> {
        let url = fetch.webhook.url.clone();
        let is_fallback = fetch.purpose == Purpose::Fallback;
        let alert = match self.ask(&fetch).await {
            Ok(verbs) => return Ok(verbs),
            Err(alert) => alert,
        };
        self.recorder.note(Event::Alert(alert.clone()));
        if let Some(webhook) = self.order.fallback.clone().filter(|_| !is_fallback) {
            let mut fields = Vec::new();
            push(&mut fields, "ErrorCode", alert.code.to_string());
            push(&mut fields, "ErrorUrl", url);
            let fallback = Fetch { purpose: Purpose::Fallback, webhook, fields };
            match self.ask(&fallback).await {
                Ok(verbs) => return Ok(verbs),
                Err(alert) => self.recorder.note(Event::Alert(alert)),
            }
        }
        // Twilio answers, says that there was an error, and hangs up.
        self.answer().await;
        Err(Ending::completed("the caller hears that an application error has occurred"))
    }

    async fn ask(&mut self, fetch: &Fetch) -> Result<Vec<Verb>, Alert> {
        let mut fields = call_fields(&self.facts);
        fields.extend(fetch.fields.iter().cloned());
        let answer = self.courier.deliver(fetch.purpose, &fetch.webhook, &fields).await?;
        let read = read_voice(&answer)?;
        self.document = Some(Document { webhook: fetch.webhook.clone(), base: answer.url });
        Ok(self.noted(read))
    }

    /// What the call is told from outside.
    fn change(&self) -> Option<Step> {
        Some(match self.order.changes.take()? {
            Change::HangUp => Step::End(Ending::completed("the call was ended from outside")),
            Change::Follow(webhook) => {
                Step::Fetch(Fetch { purpose: Purpose::Redirect, webhook, fields: Vec::new() })
            }
            Change::FollowTwiml(text) => Step::Twiml(text),
        })
    }

    /// Reads a document that came from outside.
    async fn given(&mut self, text: String) -> Result<Vec<Verb>, Ending> {
        let base = self.document.as_ref().map(|document| document.base.clone());
        let read =
            base.ok_or_else(|| Alert::error(11_100, "there is no document")).and_then(|url| {
                let content_type = Some("text/xml".to_owned());
                read_voice(&Answer { url, content_type, body: text.into_bytes() })
            });
        match read {
            Ok(read) => Ok(self.noted(read)),
            Err(alert) => {
                self.recorder.note(Event::Alert(alert));
                self.answer().await;
                Err(Ending::completed("the caller hears that an application error has occurred"))
            }
        }
    }

    /// Writes down what came, and gives its verbs.
    fn noted(&self, read: Answered<Verb>) -> Vec<Verb> {
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
            // Only these can leave a call unanswered.
            let may_wait = matches!(verb, Verb::Reject { .. } | Verb::Redirect(_) | Verb::Dial(_));
            if !may_wait {
                self.answer().await;
            }
            match self.verb(verb).await {
                Step::Next if self.order.changes.are_waiting() => return Step::Next,
                Step::Next if self.clock.is_over() => return Step::End(Ending::hung_up()),
                Step::Next => {}
                step => return step,
            }
        }
        Step::Next
    }

    /// The call is answered, if it is not yet.
    pub(super) async fn answer(&mut self) {
        if self.facts.status == CallStatus::Ringing {
            self.clock.answer();
            self.changed(CallStatus::InProgress).await;
        }
    }

    /// Lets time pass, until something changes from outside.
    pub(super) async fn pass(&mut self, time: Duration) {
        tokio::select! {
            () = self.clock.pass(time) => {}
            () = self.order.changes.wait() => {}
        }
    }

    /// Whether somebody has answered.
    pub(super) fn is_answered(&self) -> bool {
        self.facts.status == CallStatus::InProgress
    }

    /// A URL of the document, whole.
    pub(super) fn resolved(&self, target: &Target) -> Webhook {
        let base = self.document.as_ref().map(|document| &document.base);
        let url = base.and_then(|base| base.join(&target.url).ok());
        // What is not a URL is refused when it is asked.
        let url = url.map_or_else(|| target.url.clone(), String::from);
        Webhook { url, method: target.method }
    }

    /// What follows a verb with an `action`: its document, or the next verb.
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

    /// What follows a verb whose `action` is its own document if nothing else is said.
    pub(super) fn action_or_document(&self, action: Option<&Target>, fields: Fields) -> Step {
        let webhook = match (action, &self.document) {
            (Some(target), _) => self.resolved(target),
            // The method of an action is POST, whatever the document was asked by.
            (None, Some(document)) => Webhook::post(&document.webhook.url),
            (None, None) => return Step::Next,
        };
        Step::Fetch(Fetch { purpose: Purpose::Action, webhook, fields })
    }

    /// The caller has hung up: the action hears of it, and its answer is not followed.
    pub(super) async fn farewell(&mut self, action: Option<&Target>, fields: Fields) -> Step {
        self.facts.status = CallStatus::Completed;
        if let Step::Fetch(fetch) = self.action(action, fields) {
            let mut fields = call_fields(&self.facts);
            fields.extend(fetch.fields);
            let told = self.courier.deliver(fetch.purpose, &fetch.webhook, &fields).await;
            if let Err(alert) = told {
                self.recorder.note(Event::Alert(alert));
            }
        }
        Step::End(Ending::hung_up())
    }
}
