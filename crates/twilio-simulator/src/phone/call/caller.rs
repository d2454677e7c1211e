//! The simulated caller.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::phone::audio::Sound;

/// The caller's scripted behavior. It is fixed in advance, so a call always runs the same way.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Spoken into every media stream.
    pub speech: Sound,
    /// Keys pressed in every media stream and conversation relay, sorted by time.
    pub keys: Vec<KeyPress>,
    /// The input to each `<Gather>`, in order. After the last one, `<Gather>` times out.
    pub inputs: Vec<Input>,
    /// Spoken to a conversation relay, in order. The caller waits for a reply to each.
    pub prompts: Vec<String>,
    /// How long the caller speaks into each `<Record>`.
    pub recorded: Duration,
    /// The outcome of each `<Dial>`, in order. After the last one, dialed calls are not answered.
    pub dial_outcomes: Vec<DialOutcome>,
    /// When the caller hangs up a media stream, which ends the call.
    pub hang_up: HangUp,
    /// The maximum duration of the call in call time, and of each stream in real time.
    pub max_duration: Duration,
}

impl Default for Caller {
    /// Speaks a tone of 1 s, hangs up 1 s later, and stays at most 60 s.
    fn default() -> Self {
        Self {
            speech: Sound::tone(440.0, Duration::from_secs(1)),
            keys: Vec::new(),
            inputs: Vec::new(),
            prompts: Vec::new(),
            recorded: Duration::from_secs(3),
            dial_outcomes: Vec::new(),
            hang_up: HangUp::AfterSpeech(Duration::from_secs(1)),
            max_duration: Duration::from_secs(60),
        }
    }
}

/// A key press.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyPress {
    /// Milliseconds after the start of the stream.
    pub at_ms: u64,
    /// `0` to `9`, `*`, `#`, or `A` to `D`.
    pub digit: char,
}

/// The input to a `<Gather>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Input {
    /// Pressed keys.
    Digits(String),
    /// Spoken words.
    Speech(String),
    /// No input until the timeout.
    Nothing,
}

/// The outcome of a `<Dial>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DialOutcome {
    /// Answered; the value is the duration in seconds.
    Answered(u64),
    /// The line is busy.
    Busy,
    /// Not answered before the timeout.
    NoAnswer,
    /// The call cannot be placed, for example because the number does not exist.
    Failed,
}

/// When the caller hangs up a media stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HangUp {
    /// This long after the end of the speech.
    AfterSpeech(Duration),
    /// After the speech has ended and this much audio was played.
    AfterHearing(Duration),
    /// After the speech has ended and this many marks were played.
    AfterMarks(usize),
    /// Never: the server ends the stream, or `max_duration` does.
    Never,
}

/// How the time of a call passes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pace {
    /// In real time: one frame every 20 ms, and a pause of 1 s takes 1 s.
    #[default]
    RealTime,
    /// Without waiting: frames are sent as fast as the voice server reads them, its audio is played immediately, and
    /// pauses are only counted. Reported durations are in call time.
    NoWait,
}
