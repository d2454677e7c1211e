//! Transcript entries.

use serde::Serialize;

use super::alert::Alert;
use crate::phone::fields::CallStatus;
use crate::phone::webhook::Method;

/// An event and its time.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// Milliseconds since the start of the call or message.
    pub at_ms: u64,
    /// What happened, with its own fields beside the time.
    #[serde(flatten)]
    pub event: Event,
}

/// Why a URL is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// A call or a message has arrived.
    Incoming,
    /// Another URL failed.
    Fallback,
    /// A `<Redirect>`.
    Redirect,
    /// The `action` of a completed verb.
    Action,
    /// The status of a call or message.
    Status,
    /// The status of a media stream.
    StreamStatus,
    /// The status of a recording.
    RecordingStatus,
}

impl Purpose {
    /// The label in a rendered transcript.
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

/// A request and its response.
#[derive(Clone, Debug, Serialize)]
pub struct Request {
    /// Why the URL was called.
    pub purpose: Purpose,
    /// The HTTP method.
    pub method: Method,
    /// The URL, with the parameters of a GET.
    pub url: String,
    /// The parameters, in order.
    pub fields: Vec<(String, String)>,
    /// The number of the attempt, from 1.
    pub attempt: u32,
    /// Equal for all attempts and duplicates of one request.
    pub idempotency_token: String,
    /// The HTTP status of the response. `None` without a response.
    pub status: Option<u16>,
    /// The response time in milliseconds, rounded to tenths.
    pub elapsed_ms: f64,
    /// The response's content type.
    pub content_type: Option<String>,
    /// The response's body. Omitted from JSON, because an executed document has its own entry.
    #[serde(skip)]
    pub body: Option<String>,
    /// Why the response was not accepted.
    pub failure: Option<Alert>,
    /// The injected fault.
    pub fault: Option<&'static str>,
}

/// Something that happened.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A URL was called.
    Request(Request),
    /// A TwiML document was received.
    Twiml {
        /// The document.
        text: String,
    },
    /// The status of the call changed.
    Status {
        /// The new status.
        status: CallStatus,
    },
    /// A verb was executed.
    Verb {
        /// The verb and its arguments.
        text: String,
    },
    /// A media stream or conversation relay was opened.
    StreamOpened {
        /// Its SID: `MZ…` or `VX…`.
        sid: String,
        /// The server's URL.
        url: String,
        /// The custom parameters sent to the server.
        parameters: Vec<(String, String)>,
    },
    /// The server added a mark to its audio.
    MarkSet {
        /// The mark's name.
        name: String,
    },
    /// The audio before a mark was played or cleared, and the server was notified.
    MarkPlayed {
        /// The mark's name.
        name: String,
    },
    /// The server cleared the audio that was not played yet.
    Cleared {
        /// The number of bytes cleared.
        bytes: usize,
    },
    /// The caller pressed a key.
    Key {
        /// The pressed key: a digit, `*` or `#`.
        digit: char,
    },
    /// The caller spoke to a conversation relay.
    Prompt {
        /// The text that is spoken.
        text: String,
    },
    /// The server of a conversation relay spoke.
    Said {
        /// The text that is spoken.
        text: String,
    },
    /// A media stream or conversation relay ended.
    StreamClosed {
        /// Its SID: `MZ…` or `VX…`.
        sid: String,
        /// The number of audio frames or prompts sent to the server.
        sent: usize,
        /// The number of audio or text messages received from the server.
        received: usize,
        /// The number of bytes of mu-law played to the caller.
        heard_bytes: usize,
        /// Who ended it.
        by: &'static str,
    },
    /// A reply was sent.
    Reply {
        /// The reply's SID.
        sid: String,
        /// The recipient.
        to: String,
        /// The number or sender that sent the message.
        from: String,
        /// The text of the message.
        body: String,
        /// The URLs of its media.
        media: Vec<String>,
    },
    /// Twilio's debugger would show an error or a warning.
    Alert(Alert),
    /// The call ended.
    Ended {
        /// The final status.
        status: CallStatus,
        /// The duration since the answer, in whole seconds.
        seconds: u64,
        /// Why it ended.
        reason: String,
    },
}
