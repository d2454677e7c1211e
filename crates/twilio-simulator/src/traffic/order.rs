//! What comes from outside, as people and scripts order it. It holds phone numbers, so it has no `Debug`.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

use crate::phone::audio::Sound;
use crate::phone::{
    Caller, DialOutcome, FaultOrder, HangUp, InboundCall, InboundMessage, Input, KeyPress, Pace,
};

/// A call. Only the two numbers must be given.
#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CallOrder {
    /// Who calls: `+E164`, `anonymous`, `sip:…`.
    pub from: String,
    /// The number that is called, in E.164.
    pub to: String,
    /// Whether time is only counted instead of waited for.
    pub fast: bool,
    /// How long the caller speaks into each stream, in milliseconds; a second, if it is left out.
    pub speech_ms: Option<u64>,
    /// When the caller hangs up after that, in milliseconds. A second, if it is left out.
    pub hang_up_after_ms: Option<u64>,
    /// The keys that the caller presses.
    pub keys: Vec<KeyPress>,
    /// What each `<Gather>` gets.
    pub inputs: Vec<Input>,
    /// What the caller says to a conversation relay.
    pub prompts: Vec<String>,
    /// What comes of each `<Dial>`.
    pub dialled: Vec<DialOutcome>,
    /// How long the caller stays at the most, in seconds; a minute, if it is left out.
    pub patience_seconds: Option<u64>,
    /// Parameters that only this call carries, by their names.
    pub special_fields: BTreeMap<String, String>,
    /// What goes wrong on the way to the webhooks.
    pub faults: Vec<FaultOrder>,
}

impl CallOrder {
    /// Sets in a call what this order says of it.
    pub(super) fn shape(self, call: &mut InboundCall) {
        let usual = Caller::default();
        let milliseconds = Duration::from_millis;
        call.pace = if self.fast { Pace::AsFastAsTaken } else { Pace::RealTime };
        call.special_fields = self.special_fields.into_iter().collect();
        call.faults = self.faults;
        call.caller = Caller {
            speech: self
                .speech_ms
                .map_or(usual.speech, |length| Sound::tone(440.0, milliseconds(length))),
            hang_up: self
                .hang_up_after_ms
                .map_or(usual.hang_up, |wait| HangUp::AfterSpeech(milliseconds(wait))),
            patience: self.patience_seconds.map_or(usual.patience, Duration::from_secs),
            keys: self.keys,
            inputs: self.inputs,
            prompts: self.prompts,
            dialled: self.dialled,
            recorded: usual.recorded,
        };
    }
}

/// A message. Only the two numbers must be given.
#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MessageOrder {
    /// Who writes: `+E164`, `whatsapp:+E164`, `rcs:…`.
    pub from: String,
    /// The number or sender that is written to, in the same form.
    pub to: String,
    /// What is written.
    pub body: String,
    /// URLs and content types of what comes with it.
    pub media: Vec<(String, String)>,
    /// Parameters that only this message carries, by their names.
    pub special_fields: BTreeMap<String, String>,
    /// What goes wrong on the way to the webhooks.
    pub faults: Vec<FaultOrder>,
}

impl MessageOrder {
    /// Sets in a message what this order says of it.
    pub(super) fn shape(self, message: &mut InboundMessage) {
        message.media = self.media;
        message.special_fields = self.special_fields.into_iter().collect();
        message.faults = self.faults;
    }
}
