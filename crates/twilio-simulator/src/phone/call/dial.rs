//! `<Dial>`: dials another party (Twilio, TwiML `<Dial>`). The outcome is part of the caller's script.

use std::time::Duration;

use super::caller::DialOutcome;
use super::execution::{Execution, Step};
use crate::phone::fields::{CallFacts, CallStatus, Fields, call_fields, progress_fields, push};
use crate::phone::transcript::{Alert, Event, Purpose};
use crate::phone::twiml::{Dial, DialNoun};

/// How long a busy or failed dial takes.
const REFUSED: Duration = Duration::from_secs(2);
/// How long it rings before the call is answered.
const RINGING: Duration = Duration::from_secs(4);

/// The other leg of the call.
struct Leg<'a> {
    noun: &'a DialNoun,
    facts: CallFacts,
    callbacks: usize,
}

impl Execution<'_> {
    pub(super) async fn dial(&mut self, dial: &Dial) -> Step {
        let Some(noun) = dial.nouns.first() else {
            self.recorder.note(Event::Alert(Alert::warning(13_223, "Dial has no party to call")));
            return Step::Next;
        };
        self.note(format!("Dial {} {}", noun.kind, noun.address));
        if !dial.answer_on_bridge {
            self.answer().await;
        }
        let caller_id = dial.caller_id.clone().unwrap_or_else(|| self.facts.from.clone());
        let mut leg = Leg {
            noun,
            facts: CallFacts {
                sid: self.sids.next("CA"),
                from: caller_id,
                to: noun.address.clone(),
                direction: "outbound-dial",
                status: CallStatus::Initiated,
                special: vec![("ParentCallSid".to_owned(), self.facts.sid.clone())],
                ..self.facts.clone()
            },
            callbacks: 0,
        };
        let (status, talked) = if is_caller_id(&leg.facts.from) {
            self.ring(dial, &mut leg).await
        } else {
            let alert = Alert::error(13_214, "the caller ID is not a phone number");
            self.recorder.note(Event::Alert(alert));
            (CallStatus::Failed, None)
        };
        self.note(format!("Dial: {status}"));
        let mut fields = Vec::new();
        push(&mut fields, "DialCallSid", &leg.facts.sid);
        push(&mut fields, "DialCallStatus", status.as_str());
        if let Some(talked) = talked {
            push(&mut fields, "DialCallDuration", talked.as_secs().to_string());
        }
        push(&mut fields, "DialBridged", if talked.is_some() { "true" } else { "false" });
        if self.clock.is_over() {
            return self.end_by_caller(dial.action.as_ref(), fields).await;
        }
        self.action(dial.action.as_ref(), fields)
    }

    /// Rings until the outcome is known. Returns the final status and, if answered, the duration.
    async fn ring(&mut self, dial: &Dial, leg: &mut Leg<'_>) -> (CallStatus, Option<Duration>) {
        self.send_leg_status(leg, CallStatus::Initiated, None).await;
        let outcomes = &mut self.call.caller.dial_outcomes;
        let outcome = if outcomes.is_empty() { DialOutcome::NoAnswer } else { outcomes.remove(0) };
        let (ringing, status) = match outcome {
            DialOutcome::Answered(_) => (RINGING.min(dial.timeout), CallStatus::Completed),
            DialOutcome::Busy => (REFUSED, CallStatus::Busy),
            DialOutcome::NoAnswer => (dial.timeout, CallStatus::NoAnswer),
            DialOutcome::Failed => (REFUSED, CallStatus::Failed),
        };
        if matches!(outcome, DialOutcome::Answered(_) | DialOutcome::NoAnswer) {
            self.send_leg_status(leg, CallStatus::Ringing, None).await;
        }
        self.pass(ringing).await;
        let DialOutcome::Answered(seconds) = outcome else {
            self.send_leg_status(leg, status, Some(Duration::ZERO)).await;
            return (status, None);
        };
        self.answer().await;
        self.send_leg_status(leg, CallStatus::InProgress, None).await;
        let talked = Duration::from_secs(seconds);
        self.pass(talked).await;
        self.send_leg_status(leg, status, Some(talked)).await;
        (status, Some(talked))
    }

    /// Calls the status callback of the other leg, if it wants this event.
    async fn send_leg_status(
        &self,
        leg: &mut Leg<'_>,
        status: CallStatus,
        duration: Option<Duration>,
    ) {
        leg.facts.status = status;
        let Some(callback) = &leg.noun.status else { return };
        let event = match status {
            CallStatus::Initiated => "initiated",
            CallStatus::Ringing => "ringing",
            CallStatus::InProgress => "answered",
            _ => "completed",
        };
        if !callback.events.iter().any(|wanted| wanted == event) {
            return;
        }
        let mut fields: Fields = call_fields(&leg.facts);
        fields.extend(progress_fields(self.time.now(), leg.callbacks, duration));
        leg.callbacks += 1;
        self.send_callback(Purpose::Status, &self.resolved(&callback.target), &fields).await;
    }
}

/// Whether Twilio accepts this as a caller ID (Twilio, error 13214).
fn is_caller_id(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or_default();
    let is_number = digits.len() >= 7 && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number || text.starts_with("client:") || text.starts_with("sip:")
}
