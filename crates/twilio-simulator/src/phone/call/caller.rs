//! Who calls, and what he does in the call.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::phone::audio::Sound;

/// What the caller does. All of it is laid down beforehand, so that a call goes the same way every time.
#[derive(Clone, Debug)]
pub struct Caller {
    /// What he says into every media stream.
    pub speech: Sound,
    /// The keys that he presses in every media stream and conversation relay, by time.
    pub keys: Vec<KeyPress>,
    /// What he gives to each `<Gather>`, in order; once there is nothing left, he waits until it gives up.
    pub inputs: Vec<Input>,
    /// What he says to a conversation relay, in order. He waits for an answer to each.
    pub prompts: Vec<String>,
    /// How long he speaks into each `<Record>`.
    pub recorded: Duration,
    /// What comes of each `<Dial>`, in order; once there is nothing left, nobody answers.
    pub dialled: Vec<DialOutcome>,
    /// When he hangs up a media stream, and the call with it.
    pub hang_up: HangUp,
    /// How long he stays at the most: in the call, and, by the clock on the wall, in each stream.
    pub patience: Duration,
}

impl Default for Caller {
    /// Says a tone of a second, hangs up a second later, and stays a minute at the most.
    fn default() -> Self {
        Self {
            speech: Sound::tone(440.0, Duration::from_secs(1)),
            keys: Vec::new(),
            inputs: Vec::new(),
            prompts: Vec::new(),
            recorded: Duration::from_secs(3),
            dialled: Vec::new(),
            hang_up: HangUp::AfterSpeech(Duration::from_secs(1)),
            patience: Duration::from_secs(60),
        }
    }
}

/// A key that is pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyPress {
    /// Milliseconds after the stream has opened.
    pub at_ms: u64,
    /// `0` to `9`, `*`, `#`, or `A` to `D`.
    pub digit: char,
}

/// What a `<Gather>` gets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Input {
    /// Keys.
    Digits(String),
    /// Words.
    Speech(String),
    /// Nothing: it gives up.
    Nothing,
}

/// What comes of a `<Dial>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DialOutcome {
    /// Somebody answers, and talks for so many seconds.
    Answered(u64),
    /// The line is busy.
    Busy,
    /// Nobody answers before the time-out.
    NoAnswer,
    /// There is no such number.
    Failed,
}

/// When the caller hangs up a media stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HangUp {
    /// So long after his last word.
    AfterSpeech(Duration),
    /// When he has said everything and heard so much.
    AfterHearing(Duration),
    /// When he has said everything and so many marks were played.
    AfterMarks(usize),
    /// Never: the server ends the stream, or his patience does.
    Never,
}

/// How fast the time of a call goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pace {
    /// As on the wall: a frame every 20 milliseconds, and a pause of a second takes one.
    #[default]
    RealTime,
    /// No waiting: frames go as fast as the voice server takes them, what it says is played at once, and
    /// pauses take no time. What is told of durations is the call's own time.
    AsFastAsTaken,
}
