//! Answers to a call.

use std::fmt;

use super::connect::Connect;
use super::rendering::{Answer, Twiml, TwimlTooLarge};
use crate::phone_number::PhoneNumber;
use crate::string_enum;

/// An answer to a call: verbs that Twilio follows one after the other. An empty one ends the call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VoiceResponse(Vec<VoiceVerb>);

/// What Twilio is told to do with a call. `Debug` shows the verb only.
#[derive(Clone, PartialEq, Eq)]
pub enum VoiceVerb {
    /// Hand the call to a voice server.
    Connect(Connect),
    /// Ask another URL, by POST, what to do. What stands after it is never reached.
    Redirect {
        /// The URL to ask.
        url: String,
    },
    /// Ring somebody else.
    Dial(Dial),
    /// Say something.
    Say(Say),
    /// Record what the caller says.
    Record(Record),
    /// Let the caller wait in a queue.
    Enqueue {
        /// The queue's name.
        queue: String,
        /// What Twilio asks, by POST, when the caller leaves the queue.
        action: String,
    },
    /// End the call.
    Hangup,
    /// Do not take the call at all. It must be the first verb: only then the caller is not charged.
    Reject {
        /// What the caller hears.
        reason: RejectReason,
    },
}

/// What is said (Twilio, TwiML Say).
#[derive(Clone, PartialEq, Eq)]
pub struct Say {
    /// The words.
    pub text: String,
    /// The language, for example `en-US`; Twilio's own choice without.
    pub language: Option<String>,
}

/// How the caller is recorded (Twilio, TwiML Record).
#[derive(Clone, PartialEq, Eq)]
pub struct Record {
    /// What Twilio asks, by POST, when the recording has ended.
    pub action: String,
    /// Longest recording, in seconds.
    pub most_seconds: u16,
    /// Whom Twilio tells, by POST, when the recording can be fetched, with `RecordingUrl` and `RecordingDuration`
    /// (Twilio, TwiML Record, `recordingStatusCallback`).
    pub announce: Option<String>,
}

/// Whom to ring, and how.
#[derive(Clone, PartialEq, Eq)]
pub struct Dial {
    /// Whom to ring.
    pub target: DialTarget,
    /// The number to show to who is attempt. Without it Twilio shows the caller's own, which it refuses
    /// where that is not a number (Twilio, error 13214).
    pub caller_id: Option<PhoneNumber>,
    /// How long to let it ring; Twilio's own is 30 seconds.
    pub timeout_seconds: Option<u16>,
    /// Whether the caller hears ringing, and pays nothing, until the other side answers.
    pub answer_on_bridge: bool,
    /// What Twilio asks, by POST, when the other side has hung up or did not answer; without it the call goes on
    /// with the next verb.
    pub action: Option<String>,
}

/// Whom to ring.
#[derive(Clone, PartialEq, Eq)]
pub enum DialTarget {
    /// A phone.
    Number(PhoneNumber),
    /// A SIP address: `sip:…`.
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
    /// An answer without a verb.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds what is to be done next.
    #[must_use]
    pub fn then(mut self, verb: VoiceVerb) -> Self {
        self.0.push(verb);
        self
    }

    /// The answer as Twilio reads it.
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
        answer.attribute("maxLength", &self.most_seconds.to_string());
        answer.attribute("playBeep", "true");
        if let Some(announce) = &self.announce {
            answer.attribute("recordingStatusCallback", announce);
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
    fn a_redirect_is_asked_by_post() {
        let url = "https://example.com/next?a=1&b=<2>".to_owned();
        assert_eq!(
            rendered(VoiceVerb::Redirect { url }),
            response(
                r#"<Redirect method="POST">https://example.com/next?a=1&amp;b=&lt;2&gt;</Redirect>"#
            )
        );
    }

    #[test]
    fn a_phone_is_rung_with_all_that_was_asked_for() {
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
    fn what_is_said_recorded_and_queued_is_escaped() {
        let say = Say { text: "A & B".to_owned(), language: Some("en-GB".to_owned()) };
        assert_eq!(
            rendered(VoiceVerb::Say(say)),
            response(r#"<Say language="en-GB">A &amp; B</Say>"#)
        );
        let action = || "https://x.example/next?a=1&b=2".to_owned();
        let record = Record {
            action: action(),
            most_seconds: 120,
            announce: Some("https://x.example/heard?a=1&b=2".to_owned()),
        };
        assert_eq!(
            rendered(VoiceVerb::Record(record)),
            response(
                r#"<Record action="https://x.example/next?a=1&amp;b=2" method="POST" maxLength="120" playBeep="true" recordingStatusCallback="https://x.example/heard?a=1&amp;b=2" recordingStatusCallbackMethod="POST"/>"#
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
    fn a_sip_address_is_rung_with_twilios_own_settings() {
        let dial = Dial {
            target: DialTarget::Sip("sip:desk@example.com?x=1&y=2".to_owned()),
            caller_id: None,
            timeout_seconds: None,
            answer_on_bridge: false,
            action: None,
        };
        assert_eq!(
            rendered(VoiceVerb::Dial(dial)),
            response("<Dial><Sip>sip:desk@example.com?x=1&amp;y=2</Sip></Dial>")
        );
    }

    #[test]
    fn verbs_stand_in_the_order_in_which_they_were_added() {
        let noun = Noun::Stream { url: "wss://v/s".to_owned(), parameters: vec![] };
        let answer = VoiceResponse::new()
            .then(VoiceVerb::Connect(Connect { action: "/end".to_owned(), noun }))
            .then(VoiceVerb::Hangup);
        assert_eq!(
            answer.render().unwrap().as_str(),
            response(
                r#"<Connect action="/end" method="POST"><Stream url="wss://v/s"></Stream></Connect><Hangup/>"#
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
            "answer of 64001 bytes is larger than the 64 kB that twilio reads"
        );
    }
}
