//! What happened during a call, besides its decision, its attempts and its state.

use std::fmt;

use crate::identifier::{AgentId, OrganizationId};
use crate::plan::Skipped;
use crate::printable::is_hidden;
use crate::sid::{AccountSid, CallSid, StreamSid};
use crate::string_enum;
use crate::time::Timestamp;

/// The maximum length of an error text in characters. The rest is cut off.
const MAX_ERROR_CHARACTERS: usize = 200;

/// Something that happened during a call. It is recorded once, however often it is reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimelineEntry {
    /// Account that owns the call.
    pub account: AccountSid,
    /// SID of the call.
    pub call: CallSid,
    /// Organization that owns the account.
    pub organization: OrganizationId,
    /// When it was reported.
    pub at: Timestamp,
    /// What happened.
    pub event: TimelineEvent,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TimelineEvent {
    /// An agent of the deciding rule was not tried.
    AgentSkipped {
        /// The agent that was tried.
        agent: AgentId,
        /// Why.
        why: Skipped,
    },
    /// An attempt of the fallback chain failed.
    AttemptFailed {
        /// The number of destinations that had been tried, which tells the attempts of a call apart.
        tried: u32,
        /// Why it failed.
        cause: FailureCause,
    },
    /// Twilio reported the state of a media stream.
    Stream {
        /// The stream.
        stream: StreamSid,
        /// Its state.
        state: StreamState,
        /// The error; `None` if Twilio names none.
        error: Option<ErrorText>,
    },
}

/// How the stored text of a handler's failure begins.
const OF_HANDLER: &str = "handler: ";

/// Why an attempt failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FailureCause {
    /// Twilio's error code of the connection.
    Code(u32),
    /// The outcome of a dialed call.
    Dial(DialFailure),
    /// The handler of the agent did not answer with `TwiML`, for this reason.
    Handler(ErrorText),
    /// Twilio names no cause.
    Unknown,
}

string_enum! {
    /// How a dialed call failed (Twilio, "TwiML Dial: `DialCallStatus`").
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum DialFailure {
        /// The line was busy.
        Busy = "busy",
        /// Nobody answered in time.
        NoAnswer = "no-answer",
        /// The number could not be reached.
        Failed = "failed",
        /// The call was canceled before it was answered.
        Canceled = "canceled",
    }
}

string_enum! {
    /// The state of a media stream that Twilio reports (Twilio, "TwiML Stream: `statusCallback`").
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum StreamState {
        /// Twilio connected to the voice server and sends audio.
        Started = "stream-started",
        /// The stream has ended.
        Stopped = "stream-stopped",
        /// The stream failed.
        Failed = "stream-error",
    }
}

/// An error in Twilio's words, without control characters, cut off after 200 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorText(String);

impl ErrorText {
    /// Reads an error; `None` if it is empty.
    pub fn parse(text: &str) -> Option<Self> {
        let shown = text.trim().chars().filter(|character| !is_hidden(*character));
        let text: String = shown.take(MAX_ERROR_CHARACTERS).collect();
        (!text.is_empty()).then_some(Self(text))
    }

    /// The shortened text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Twilio's error code, if the text begins with one.
    pub fn code(&self) -> Option<u32> {
        let digits = self.0.split(|character: char| !character.is_ascii_digit()).next()?;
        if digits.len() == 5 { digits.parse().ok() } else { None }
    }
}

impl fmt::Display for ErrorText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FailureCause {
    /// The stable text, by which a cause is stored; `None` if the cause is unknown.
    pub fn to_text(&self) -> Option<String> {
        match self {
            Self::Code(code) => Some(code.to_string()),
            Self::Dial(failure) => Some(failure.as_str().to_owned()),
            Self::Handler(reason) => Some(format!("{OF_HANDLER}{reason}")),
            Self::Unknown => None,
        }
    }

    /// Parses [`Self::to_text`].
    pub fn parse(text: Option<&str>) -> Option<Self> {
        match text {
            None => Some(Self::Unknown),
            Some(text) => text
                .parse()
                .map(Self::Code)
                .ok()
                .or_else(|| DialFailure::parse(text).map(Self::Dial))
                .or_else(|| ErrorText::parse(text.strip_prefix(OF_HANDLER)?).map(Self::Handler)),
        }
    }
}

impl TimelineEvent {
    /// The kinds, by their stable names.
    pub const KINDS: [&str; 5] =
        ["agent_skipped", "attempt_failed", "stream_started", "stream_stopped", "stream_error"];

    /// The stable name of the kind.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::AgentSkipped { .. } => "agent_skipped",
            Self::AttemptFailed { .. } => "attempt_failed",
            Self::Stream { state: StreamState::Started, .. } => "stream_started",
            Self::Stream { state: StreamState::Stopped, .. } => "stream_stopped",
            Self::Stream { state: StreamState::Failed, .. } => "stream_error",
        }
    }

    /// What it happened to: an agent, an attempt or a stream. A call has one entry for each kind and subject.
    pub fn subject(&self) -> String {
        match self {
            Self::AgentSkipped { agent, .. } => agent.as_str().to_owned(),
            Self::AttemptFailed { tried, .. } => tried.to_string(),
            Self::Stream { stream, .. } => stream.as_str().to_owned(),
        }
    }

    /// Why it happened, if that is known.
    pub fn detail(&self) -> Option<String> {
        match self {
            Self::AgentSkipped { why, .. } => Some(why.as_str().to_owned()),
            Self::AttemptFailed { cause, .. } => cause.to_text(),
            Self::Stream { error, .. } => error.as_ref().map(|error| error.as_str().to_owned()),
        }
    }

    /// Parses the kind, the subject and the detail. The error names the part that is wrong.
    pub fn parse(kind: &str, subject: &str, detail: Option<&str>) -> Result<Self, &'static str> {
        let stream = |state| {
            Ok(Self::Stream {
                stream: StreamSid::parse(subject).map_err(|_not_a_stream| "subject")?,
                state,
                error: detail.and_then(ErrorText::parse),
            })
        };
        match kind {
            "agent_skipped" => Ok(Self::AgentSkipped {
                agent: AgentId::parse(subject).map_err(|_not_an_agent| "subject")?,
                why: detail.and_then(Skipped::parse).ok_or("detail")?,
            }),
            "attempt_failed" => Ok(Self::AttemptFailed {
                tried: subject.parse().map_err(|_not_a_number| "subject")?,
                cause: FailureCause::parse(detail).ok_or("detail")?,
            }),
            "stream_started" => stream(StreamState::Started),
            "stream_stopped" => stream(StreamState::Stopped),
            "stream_error" => stream(StreamState::Failed),
            _ => Err("kind"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{DialFailure, ErrorText, FailureCause, StreamState, TimelineEvent};
    use crate::identifier::AgentId;
    use crate::plan::Skipped;
    use crate::sid::StreamSid;
    use crate::time::Timestamp;

    #[test]
    fn every_event_is_read_as_it_is_stored() {
        let agent = AgentId::new(Timestamp::from_seconds(1), [1; 10]);
        let stream = StreamSid::parse("MZ0123456789abcdef0123456789abcdef").unwrap();
        let skipped =
            Skipped::ALL.map(|why| TimelineEvent::AgentSkipped { agent: agent.clone(), why });
        let causes = [
            FailureCause::Code(31_920),
            FailureCause::Dial(DialFailure::NoAnswer),
            FailureCause::Handler(ErrorText::parse("the handler answered 503").unwrap()),
            FailureCause::Unknown,
        ];
        let failed = causes.map(|cause| TimelineEvent::AttemptFailed { tried: 2, cause });
        let error = ErrorText::parse("31921 - closed");
        let streams = StreamState::ALL.map(|state| TimelineEvent::Stream {
            stream,
            state,
            error: error.clone(),
        });
        for event in skipped.into_iter().chain(failed).chain(streams) {
            let (subject, detail) = (event.subject(), event.detail());
            assert!(TimelineEvent::KINDS.contains(&event.kind()));
            let read = TimelineEvent::parse(event.kind(), &subject, detail.as_deref());
            assert_eq!(read.as_ref(), Ok(&event));
        }
        assert_eq!(TimelineEvent::parse("agent_skipped", agent.as_str(), None), Err("detail"));
        assert_eq!(TimelineEvent::parse("stream_started", "MZ1", None), Err("subject"));
        assert_eq!(TimelineEvent::parse("sung", "", None), Err("kind"));
    }

    #[test]
    fn an_error_text_is_one_short_line_and_may_begin_with_a_code() {
        let code = |text: &str| ErrorText::parse(text).and_then(|error| error.code());
        assert_eq!(code("31920: handshake failed"), Some(31_920));
        assert_eq!((code("handshake failed"), code("319200 items")), (None, None));
        assert_eq!(ErrorText::parse(" \u{1b}\n"), None);
        assert_eq!(ErrorText::parse("a\u{202e}b\nc").unwrap().as_str(), "abc");
        assert_eq!(ErrorText::parse(&"x".repeat(900)).unwrap().as_str().len(), 200);
    }
}
