//! The verbs of a call.

use std::time::Duration;

use crate::phone::webhook::Method;

/// A URL of a document: relative to it, or whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) url: String,
    pub(crate) method: Method,
}

/// Where the states of something go, and which of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Callback {
    pub(crate) target: Target,
    /// The words of the events, as they were written.
    pub(crate) events: Vec<String>,
}

/// What to do with a call (Twilio, "TwiML for Programmable Voice").
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Say {
        text: String,
    },
    Play {
        url: String,
    },
    Pause {
        length: Duration,
    },
    Gather(Gather),
    Hangup,
    Reject {
        is_busy: bool,
    },
    Redirect(Target),
    Connect(Connect),
    Dial(Dial),
    Record(Record),
    Enqueue {
        name: String,
    },
    /// One that Twilio would follow, and the simulator does not.
    PassedOver {
        name: String,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Gather {
    pub(crate) action: Option<Target>,
    pub(crate) timeout: Duration,
    /// Whether the action is asked for nothing as well.
    pub(crate) action_on_empty: bool,
    /// What the caller hears meanwhile.
    pub(crate) prompts: Vec<Verb>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Connect {
    pub(crate) action: Option<Target>,
    pub(crate) noun: Noun,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Noun {
    Stream(Stream),
    Relay(Relay),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stream {
    pub(crate) url: String,
    pub(crate) name: Option<String>,
    pub(crate) track: Option<String>,
    pub(crate) status: Option<Target>,
    pub(crate) parameters: Vec<(String, String)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Relay {
    pub(crate) url: String,
    pub(crate) greeting: Option<String>,
    pub(crate) language: String,
    pub(crate) parameters: Vec<(String, String)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dial {
    pub(crate) action: Option<Target>,
    pub(crate) timeout: Duration,
    pub(crate) caller_id: Option<String>,
    pub(crate) answer_on_bridge: bool,
    pub(crate) nouns: Vec<DialNoun>,
}

/// Somebody who is dialled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DialNoun {
    /// `Number`, `Sip`, `Client`, `Conference`, `Queue`.
    pub(crate) kind: String,
    pub(crate) address: String,
    pub(crate) status: Option<Callback>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) action: Option<Target>,
    pub(crate) max_length: Duration,
    pub(crate) status: Option<Target>,
}
