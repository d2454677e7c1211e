//! Actions: what happens if no agent answers.

use crate::agent::{Label, Reply};
use crate::phone_number::PhoneNumber;
use crate::twiml::RejectReason;
use crate::web_address::WebUrl;

/// What happens if no agent answers a call or message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Calls a person. If the person does not answer in time, the next action follows.
    Dial {
        /// The phone number or SIP address.
        to: DialTo,
        /// How long the phone rings, in seconds.
        timeout_seconds: u16,
    },
    /// Records a message of the caller.
    Voicemail {
        /// The text that is spoken before the tone.
        greeting: Greeting,
        /// The longest message, in seconds.
        most_seconds: u16,
        /// The URL that Twilio requests when the recording is ready.
        announce: Option<WebUrl>,
    },
    /// Speaks a text and ends the call. A message is answered with the text.
    Say(Greeting),
    /// Rejects the call without answering it, so Twilio does not bill it.
    Reject(RejectReason),
    /// Redirects the call to the TwiML at this URL.
    Redirect(WebUrl),
    /// Puts the caller into a Twilio queue.
    Enqueue(QueueName),
}

/// The target of a dial action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DialTo {
    /// A phone number.
    Number(PhoneNumber),
    /// A SIP address, `sip:` or `sips:` included.
    Sip(Label),
}

/// A text that is spoken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Greeting {
    /// The reply's text.
    pub text: Reply,
    /// The language code that Twilio knows; `None` for Twilio's default.
    pub language: Option<Label>,
}

/// The name of a Twilio queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueName(pub Label);

impl Action {
    /// The key of the action in documents and records.
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

    /// Whether the action can answer a message.
    pub const fn answers_messages(&self) -> bool {
        matches!(self, Self::Say(_) | Self::Redirect(_))
    }
}
