//! Answers to calls.

use std::fmt;

use super::connect::Connect;
use super::rendering::{Answer, Twiml, TwimlTooLarge};
use crate::phone_number::PhoneNumber;
use crate::string_enum;

/// An answer to a call: verbs that Twilio executes in order. An empty answer ends the call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VoiceResponse(Vec<VoiceVerb>);

/// A verb of an answer to a call. `Debug` shows the name of the verb only.
#[derive(Clone, PartialEq, Eq)]
pub enum VoiceVerb {
    /// Connects the call to a voice server.
    Connect(Connect),
    /// Requests further TwiML from another URL, by POST. Verbs after it are never executed.
    Redirect {
        /// URL that Twilio requests.
        url: String,
    },
    /// Dials another party.
    Dial(Dial),
    /// Speaks a text.
    Say(Say),
    /// Records the caller.
    Record(Record),
    /// Puts the caller into one of Twilio's queues.
    Enqueue {
        /// Name of the queue.
        queue: String,
        /// URL that Twilio requests, by POST, when the caller leaves the queue.
        action: String,
    },
    /// Ends the call.
    Hangup,
    /// Rejects the call. It must be the first verb; otherwise the call is answered and billed.
    Reject {
        /// What the caller hears.
        reason: RejectReason,
    },
}

/// `<Say>` (Twilio, TwiML Say).
#[derive(Clone, PartialEq, Eq)]
pub struct Say {
    /// The spoken text.
    pub text: String,
    /// Language, for example `en-US`; `None` for Twilio's default.
    pub language: Option<String>,
}

/// `<Record>` (Twilio, TwiML Record).
#[derive(Clone, PartialEq, Eq)]
pub struct Record {
    /// URL that Twilio requests, by POST, when the recording has ended.
    pub action: String,
    /// Maximum length of the recording in seconds.
    pub max_seconds: u16,
    /// URL that Twilio requests, by POST, when the recording is available, with `RecordingUrl` and `RecordingDuration`
    /// (Twilio, TwiML Record, `recordingStatusCallback`).
    pub status_callback: Option<String>,
}

/// `<Dial>` (Twilio, TwiML Dial).
#[derive(Clone, PartialEq, Eq)]
pub struct Dial {
    /// The dialed party.
    pub target: DialTarget,
    /// Caller ID shown to the dialed party; `None` for the caller's own, which Twilio refuses if it is not a number
    /// (Twilio, error 13214).
    pub caller_id: Option<PhoneNumber>,
    /// Ringing time in seconds; `None` for Twilio's default of 30.
    pub timeout_seconds: Option<u16>,
    /// Whether the call stays unanswered and unbilled, and the caller hears ringing, until the dialed party answers.
    pub answer_on_bridge: bool,
    /// URL that Twilio requests, by POST, when the dialed party has hung up or has not answered; `None` to continue with
    /// the next verb.
    pub action: Option<String>,
}

/// The dialed party.
#[derive(Clone, PartialEq, Eq)]
pub enum DialTarget {
    /// A phone number.
    Number(PhoneNumber),
    /// A SIP address, `sip:` included.
    Sip(String),
}

string_enum! {
    /// What the caller hears when a call is rejected (Twilio, "TwiML: `<Reject>`").
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum RejectReason {
        /// A busy signal.
        Busy = "busy",
        /// An announcement that the number is not in service.
        Rejected = "rejected",
    }
}

impl VoiceResponse {
    /// Creates an answer without verbs.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a verb.
    #[must_use]
    pub fn then(mut self, verb: VoiceVerb) -> Self {
        self.0.push(verb);
        self
    }

    /// Renders the answer as XML.
    pub fn render(&self) -> Result<Twiml, TwimlTooLarge> {
        let mut answer = Answer::new();
        for verb in &self.0 {
            verb.write(&mut answer);
        }
        answer.finish()
    }
}

impl VoiceVerb {
    fn write(&self, answer: &mut Answer) {
        match self {
            Self::Connect(connect) => connect.write(answer),
            Self::Redirect { url } => write_redirect(answer, url),
            Self::Dial(dial) => dial.write(answer),
            Self::Say(say) => say.write(answer),
            Self::Record(record) => record.write(answer),
            Self::Enqueue { queue, action } => {
                answer.open("Enqueue");
                answer.attribute("action", action);
                answer.attribute("method", "POST");
                answer.content();
                answer.text(queue);
                answer.close("Enqueue");
            }
            Self::Hangup => {
                answer.open("Hangup");
                answer.close_empty();
            }
            Self::Reject { reason } => {
                answer.open("Reject");
                answer.attribute("reason", reason.as_str());
                answer.close_empty();
            }
        }
    }
}

impl Say {
    fn write(&self, answer: &mut Answer) {
        answer.open("Say");
        if let Some(language) = &self.language {
            answer.attribute("language", language);
        }
        answer.content();
        answer.text(&self.text);
        answer.close("Say");
    }
}

impl Record {
    fn write(&self, answer: &mut Answer) {
        answer.open("Record");
        answer.attribute("action", &self.action);
        answer.attribute("method", "POST");
        answer.attribute("maxLength", &self.max_seconds.to_string());
        answer.attribute("playBeep", "true");
        if let Some(status_callback) = &self.status_callback {
            answer.attribute("recordingStatusCallback", status_callback);
            answer.attribute("recordingStatusCallbackMethod", "POST");
        }
        answer.close_empty();
    }
}

impl Dial {
    fn write(&self, answer: &mut Answer) {
        answer.open("Dial");
        if let Some(action) = &self.action {
            answer.attribute("action", action);
            answer.attribute("method", "POST");
        }
        if let Some(caller_id) = &self.caller_id {
            answer.attribute("callerId", caller_id.as_str());
        }
        if let Some(seconds) = self.timeout_seconds {
            answer.attribute("timeout", &seconds.to_string());
        }
        if self.answer_on_bridge {
            answer.attribute("answerOnBridge", "true");
        }
        answer.content();
        let (element, address) = match &self.target {
            DialTarget::Number(number) => ("Number", number.as_str()),
            DialTarget::Sip(address) => ("Sip", address.as_str()),
        };
        answer.open(element);
        answer.content();
        answer.text(address);
        answer.close(element);
        answer.close("Dial");
    }
}

pub(super) fn write_redirect(answer: &mut Answer, url: &str) {
    answer.open("Redirect");
    answer.attribute("method", "POST");
    answer.content();
    answer.text(url);
    answer.close("Redirect");
}

impl fmt::Debug for VoiceVerb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect(connect) => connect.fmt(f),
            Self::Redirect { .. } => f.write_str("Redirect"),
            Self::Dial(_) => f.write_str("Dial"),
            Self::Say(_) => f.write_str("Say"),
            Self::Record(_) => f.write_str("Record"),
            Self::Enqueue { .. } => f.write_str("Enqueue"),
            Self::Hangup => f.write_str("Hangup"),
            Self::Reject { reason } => write!(f, "Reject({reason:?})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Dial, DialTarget, Record, RejectReason, Say, VoiceResponse, VoiceVerb};
    use crate::phone_number::PhoneNumber;
    use crate::twiml::{Connect, Noun, TwimlTooLarge};

    fn rendered(verb: VoiceVerb) -> String {
        VoiceResponse::new().then(verb).render().unwrap().into_string()
    }

    fn response(content: &str) -> String {
        format!(r#"<?xml version="1.0" encoding="UTF-8"?><Response>{content}</Response>"#)
    }

    #[test]
    fn an_answer_without_verbs_is_an_empty_response() {
        assert_eq!(VoiceResponse::new().render().unwrap().as_str(), response(""));
    }

    #[test]
    fn verbs_without_content() {
        assert_eq!(rendered(VoiceVerb::Hangup), response("<Hangup/>"));
        let reject = |reason| rendered(VoiceVerb::Reject { reason });
        assert_eq!(reject(RejectReason::Busy), response(r#"<Reject reason="busy"/>"#));
        assert_eq!(reject(RejectReason::Rejected), response(r#"<Reject reason="rejected"/>"#));
    }

    #[test]
    fn a_redirect_uses_post() {
        let url = "https://example.com/next?a=1&b=<2>".to_owned();
        assert_eq!(
            rendered(VoiceVerb::Redirect { url }),
            response(
                r#"<Redirect method="POST">https://example.com/next?a=1&amp;b=&lt;2&gt;</Redirect>"#
            )
        );
    }

    #[test]
    fn a_phone_is_dialed_with_every_option() {
        let dial = Dial {
            target: DialTarget::Number(PhoneNumber::parse("+14155550100").unwrap()),
            caller_id: Some(PhoneNumber::parse("+14155550199").unwrap()),
            timeout_seconds: Some(20),
            answer_on_bridge: true,
            action: None,
        };
        assert_eq!(
            rendered(VoiceVerb::Dial(dial)),
            response(
                r#"<Dial callerId="+14155550199" timeout="20" answerOnBridge="true"><Number>+14155550100</Number></Dial>"#
            )
        );
    }

    #[test]
    fn values_of_say_record_and_enqueue_are_escaped() {
        let say = Say { text: "A & B".to_owned(), language: Some("en-GB".to_owned()) };
        assert_eq!(
            rendered(VoiceVerb::Say(say)),
            response(r#"<Say language="en-GB">A &amp; B</Say>"#)
        );
        let action = || "https://x.example/next?a=1&b=2".to_owned();
        let record = Record {
            action: action(),
            max_seconds: 120,
            status_callback: Some("https://x.example/recorded?a=1&b=2".to_owned()),
        };
        assert_eq!(
            rendered(VoiceVerb::Record(record)),
            response(
                r#"<Record action="https://x.example/next?a=1&amp;b=2" method="POST" maxLength="120" playBeep="true" recordingStatusCallback="https://x.example/recorded?a=1&amp;b=2" recordingStatusCallbackMethod="POST"/>"#
            )
        );
        let queue = VoiceVerb::Enqueue { queue: "support".to_owned(), action: action() };
        assert_eq!(
            rendered(queue),
            response(
                r#"<Enqueue action="https://x.example/next?a=1&amp;b=2" method="POST">support</Enqueue>"#
            )
        );
    }

    #[test]
    fn a_sip_address_is_dialed_with_twilios_defaults() {
        let dial = Dial {
            target: DialTarget::Sip("sip:sales@example.com?x=1&y=2".to_owned()),
            caller_id: None,
            timeout_seconds: None,
            answer_on_bridge: false,
            action: None,
        };
        assert_eq!(
            rendered(VoiceVerb::Dial(dial)),
            response("<Dial><Sip>sip:sales@example.com?x=1&amp;y=2</Sip></Dial>")
        );
    }

    #[test]
    fn verbs_keep_the_order_they_were_added_in() {
        let noun = Noun::Stream {
            url: "wss://v/s".to_owned(),
            status_callback: "https://x/status".to_owned(),
            parameters: vec![],
        };
        let answer = VoiceResponse::new()
            .then(VoiceVerb::Connect(Connect { action: "/end".to_owned(), noun }))
            .then(VoiceVerb::Hangup);
        assert_eq!(
            answer.render().unwrap().as_str(),
            response(
                r#"<Connect action="/end" method="POST"><Stream url="wss://v/s" statusCallback="https://x/status" statusCallbackMethod="POST"></Stream></Connect><Hangup/>"#
            )
        );
        assert_eq!(format!("{answer:?}"), "VoiceResponse([Connect(Stream), Hangup])");
    }

    #[test]
    fn an_answer_of_more_than_64_kb_is_refused() {
        let of = |length| {
            VoiceResponse::new().then(VoiceVerb::Redirect { url: "u".repeat(length) }).render()
        };
        let around = of(0).unwrap().len();
        assert_eq!(of(64_000 - around).unwrap().len(), 64_000);
        assert_eq!(of(64_001 - around), Err(TwimlTooLarge { bytes: 64_001 }));
        assert_eq!(
            of(64_001 - around).unwrap_err().to_string(),
            "answer of 64001 bytes is larger than the 64 kB that twilio accepts"
        );
    }
}
