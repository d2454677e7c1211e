//! What happens where no agent takes it.

use crate::agent::{Label, Reply};
use crate::phone_number::PhoneNumber;
use crate::twiml::RejectReason;
use crate::web_address::WebUrl;

/// What happens where no agent takes a call or a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// A person is called; whoever does not answer within the time is passed over.
    Dial {
        /// Whom.
        to: DialTo,
        /// How long it rings, in seconds.
        timeout_seconds: u16,
    },
    /// The caller leaves a message.
    Voicemail {
        /// What is said before.
        greeting: Greeting,
        /// How long the message may be, in seconds.
        most_seconds: u16,
        /// Whom Twilio tells of it.
        announce: Option<WebUrl>,
    },
    /// A sentence is said, and the call ends; to a message it is the answer.
    Say(Greeting),
    /// The call is not taken, and costs nothing.
    Reject(RejectReason),
    /// Other TwiML takes over.
    Redirect(WebUrl),
    /// The caller waits in a queue of Twilio's.
    Enqueue(QueueName),
}

/// Whom a call is passed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DialTo {
    /// A phone.
    Number(PhoneNumber),
    /// A SIP address, `sip:` or `sips:` included.
    Sip(Label),
}

/// A sentence that is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Greeting {
    /// The sentence.
    pub text: Reply,
    /// In which language, as Twilio names it; Twilio's own choice if it is left out.
    pub language: Option<Label>,
}

/// The name of a queue at Twilio.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueName(pub Label);

impl Action {
    /// The word for it in documents and records.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Dial { .. } => "dial",
            Self::Voicemail { .. } => "voicemail",
            Self::Say(_) => "say",
            Self::Reject(_) => "reject",
            Self::Redirect(_) => "redirect",
            Self::Enqueue(_) => "enqueue",
        }
    }

    /// Whether a message can be answered by it.
    pub const fn answers_messages(&self) -> bool {
        matches!(self, Self::Say(_) | Self::Redirect(_))
    }
}
