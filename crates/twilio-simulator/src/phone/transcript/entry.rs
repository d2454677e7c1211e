//! One thing that happened.

use serde::Serialize;

use super::alert::Alert;
use crate::phone::fields::CallStatus;
use crate::phone::webhook::Method;

/// Something that happened, and when.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// Milliseconds since the call or message came in.
    pub at_ms: u64,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// Why a URL is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// A call or a message has come in.
    Incoming,
    /// Another URL failed.
    Fallback,
    /// A `<Redirect>`.
    Redirect,
    /// The `action` of a verb that has ended.
    Action,
    /// The state of a call or of a message.
    Status,
    /// The state of a media stream.
    StreamStatus,
    /// The state of a recording.
    RecordingStatus,
}

impl Purpose {
    /// The word for it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Incoming => "webhook",
            Self::Fallback => "fallback",
            Self::Redirect => "redirect",
            Self::Action => "action",
            Self::Status => "status callback",
            Self::StreamStatus => "stream callback",
            Self::RecordingStatus => "recording callback",
        }
    }
}

/// A request that was made, and its answer.
#[derive(Clone, Debug, Serialize)]
pub struct Request {
    /// Why.
    pub purpose: Purpose,
    /// How.
    pub method: Method,
    /// Where to, with the fields of a GET.
    pub url: String,
    /// The fields that were sent, in their order.
    pub fields: Vec<(String, String)>,
    /// Which attempt it was, from 1.
    pub attempt: u32,
    /// The same for each attempt and each repetition of one request.
    pub idempotency_token: String,
    /// The status of the answer, if one came.
    pub status: Option<u16>,
    /// How long the answer took, in milliseconds, to a tenth of one.
    pub elapsed_ms: f64,
    /// What the answer says that it is.
    pub content_type: Option<String>,
    /// The answer itself. In JSON it is left out, as a document that is followed has an entry of its own.
    #[serde(skip)]
    pub body: Option<String>,
    /// Why there is no answer that Twilio takes.
    pub failure: Option<Alert>,
    /// What was ordered to go wrong with it.
    pub fault: Option<&'static str>,
}

/// What happened.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A URL was asked.
    Request(Request),
    /// TwiML came in.
    Twiml {
        /// The document.
        text: String,
    },
    /// The call has another state.
    Status {
        /// The state.
        status: CallStatus,
    },
    /// A verb is followed.
    Verb {
        /// The verb and what it is about.
        text: String,
    },
    /// A media stream, or a conversation relay, is open.
    StreamOpened {
        /// The `MZ…` or `VX…` of it.
        sid: String,
        /// Where to.
        url: String,
        /// The parameters that the server was told.
        parameters: Vec<(String, String)>,
    },
    /// The server marks a place in what it says.
    MarkSet {
        /// The mark.
        name: String,
    },
    /// All before a mark was played, or cleared, and the server was told.
    MarkPlayed {
        /// The mark.
        name: String,
    },
    /// The server takes back what was not played yet.
    Cleared {
        /// Bytes of audio that nobody hears.
        bytes: usize,
    },
    /// The caller presses a key.
    Key {
        /// The key.
        digit: char,
    },
    /// The caller says something to a conversation relay.
    Prompt {
        /// The words.
        text: String,
    },
    /// The server of a conversation relay says something.
    Said {
        /// The words.
        text: String,
    },
    /// A media stream, or a conversation relay, has ended.
    StreamClosed {
        /// The `MZ…` or `VX…` of it.
        sid: String,
        /// Frames of audio, or prompts, that went to the server.
        sent: usize,
        /// Messages with audio, or with text, that came from the server.
        received: usize,
        /// Bytes of mu-law that the caller heard.
        heard_bytes: usize,
        /// Who ended it.
        by: &'static str,
    },
    /// A message is sent in answer.
    Reply {
        /// Its SID.
        sid: String,
        /// Who gets it.
        to: String,
        /// Who sends it.
        from: String,
        /// What it says.
        body: String,
        /// The URLs of its media.
        media: Vec<String>,
    },
    /// Twilio's debugger shows an error or a warning.
    Alert(Alert),
    /// The call is over.
    Ended {
        /// How.
        status: CallStatus,
        /// Whole seconds that it took, from the answer on.
        seconds: u64,
        /// Why.
        reason: String,
    },
}
