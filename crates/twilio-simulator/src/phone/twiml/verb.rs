//! The verbs of a call.

use std::time::Duration;

use crate::phone::webhook::Method;

/// A relative or absolute URL in a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) url: String,
    pub(crate) method: Method,
}

/// A status callback and the events it wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Callback {
    pub(crate) target: Target,
    /// The event names as written.
    pub(crate) events: Vec<String>,
}

/// A voice verb (Twilio, "TwiML for Programmable Voice").
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
    /// A verb that Twilio executes and the simulator ignores.
    Unsupported {
        name: String,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Gather {
    pub(crate) action: Option<Target>,
    pub(crate) timeout: Duration,
    /// Whether the action is called without input too.
    pub(crate) action_on_empty: bool,
    /// Played while waiting for input.
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

/// A party to dial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DialNoun {
    /// The element's name: `Number`, `Sip`, `Client`, `Conference` or `Queue`.
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
