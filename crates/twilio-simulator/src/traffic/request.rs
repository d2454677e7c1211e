//! Requests for incoming calls and messages. They contain phone numbers, so they have no `Debug`.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

use crate::phone::audio::Sound;
use crate::phone::{
    Caller, DialOutcome, HangUp, InboundCall, InboundMessage, InjectedFault, Input, KeyPress, Pace,
};

/// An incoming call. Only `from` and `to` are required.
#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CallRequest {
    /// The calling address: `+E164`, `anonymous`, `sip:…`.
    pub from: String,
    /// The called number, in E.164.
    pub to: String,
    /// Whether the call runs without waiting: durations are counted, not slept.
    pub fast: bool,
    /// How long the caller speaks into each stream, in milliseconds. Defaults to 1,000.
    pub speech_ms: Option<u64>,
    /// How long after speaking the caller hangs up, in milliseconds. Defaults to 1,000.
    pub hang_up_after_ms: Option<u64>,
    /// The keys that the caller presses.
    pub keys: Vec<KeyPress>,
    /// The input to each `<Gather>`, in order.
    pub inputs: Vec<Input>,
    /// What the caller says to a conversation relay, in order.
    pub prompts: Vec<String>,
    /// The outcome of each `<Dial>`, in order.
    pub dial_outcomes: Vec<DialOutcome>,
    /// The maximum duration of the call, in seconds. Defaults to 60.
    pub max_seconds: Option<u64>,
    /// Additional webhook parameters, by name.
    pub special_fields: BTreeMap<String, String>,
    /// Faults injected into the webhook requests.
    pub faults: Vec<InjectedFault>,
}

impl CallRequest {
    /// Applies these options to a call.
    pub(super) fn apply_to(self, call: &mut InboundCall) {
        let usual = Caller::default();
        let milliseconds = Duration::from_millis;
        call.pace = if self.fast { Pace::NoWait } else { Pace::RealTime };
        call.special_fields = self.special_fields.into_iter().collect();
        call.faults = self.faults;
        call.caller = Caller {
            speech: self
                .speech_ms
                .map_or(usual.speech, |length| Sound::tone(440.0, milliseconds(length))),
            hang_up: self
                .hang_up_after_ms
                .map_or(usual.hang_up, |wait| HangUp::AfterSpeech(milliseconds(wait))),
            max_duration: self.max_seconds.map_or(usual.max_duration, Duration::from_secs),
            keys: self.keys,
            inputs: self.inputs,
            prompts: self.prompts,
            dial_outcomes: self.dial_outcomes,
            recorded: usual.recorded,
        };
    }
}

/// An incoming message. Only `from` and `to` are required.
#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MessageRequest {
    /// The sender's address: `+E164`, `whatsapp:+E164`, `rcs:…`.
    pub from: String,
    /// The recipient's number or sender address.
    pub to: String,
    /// The text of the `Body` field.
    pub body: String,
    /// The URLs and content types of its media.
    pub media: Vec<(String, String)>,
    /// Additional webhook parameters, by name.
    pub special_fields: BTreeMap<String, String>,
    /// Faults injected into the webhook requests.
    pub faults: Vec<InjectedFault>,
}

impl MessageRequest {
    /// Applies these options to a message.
    pub(super) fn apply_to(self, message: &mut InboundMessage) {
        message.media = self.media;
        message.special_fields = self.special_fields.into_iter().collect();
        message.faults = self.faults;
    }
}
