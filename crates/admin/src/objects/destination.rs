//! Destinations of calls and messages as JSON.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};
use switchboard_application_management::routing_plans::DestinationSummary;
use switchboard_domain::plan::{Action, DialTo};
use switchboard_domain::twiml::RejectReason;
use utoipa::ToSchema;

/// An answered call cannot be rejected.
pub(super) const ANSWERED_IS_NOT_REJECTED: &str =
    "the call was answered before, so the caller hears an apology and the call ends";

/// A destination: its kind and its values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[schema(as = Destination)]
pub enum DestinationObject {
    /// An agent.
    #[schema(title = "AgentDestination")]
    Agent {
        /// Its id.
        id: String,
        /// Its name.
        name: String,
    },
    /// A phone is dialed.
    #[schema(title = "DialDestination")]
    Dial {
        /// The number or SIP address.
        to: String,
        /// How long it rings.
        timeout_seconds: u16,
    },
    /// The caller leaves a message.
    #[schema(title = "VoicemailDestination")]
    Voicemail {
        /// What the caller hears first.
        greeting: String,
    },
    /// A text is spoken, and the call ends.
    #[schema(title = "SayDestination")]
    Say {
        /// The text.
        text: String,
    },
    /// The call is rejected.
    #[schema(title = "RejectDestination")]
    Reject {
        /// `busy` or `rejected`.
        reason: Cow<'static, str>,
    },
    /// Another URL answers Twilio.
    #[schema(title = "RedirectDestination")]
    Redirect {
        /// The URL.
        url: String,
    },
    /// The caller waits in a queue.
    #[schema(title = "EnqueueDestination")]
    Enqueue {
        /// The name of the queue at Twilio.
        queue: String,
    },
    /// Nobody answers.
    #[schema(title = "NobodyDestination")]
    Nobody,
}

impl DestinationObject {
    /// Renders a destination.
    pub fn of(destination: &DestinationSummary) -> Self {
        match destination {
            DestinationSummary::Agent { id, profile } => {
                Self::Agent { id: id.to_string(), name: profile.name.as_str().to_owned() }
            }
            DestinationSummary::Action(action) => Self::of_action(action),
            DestinationSummary::Nobody => Self::Nobody,
        }
    }

    /// Renders an action of a plan.
    pub fn of_action(action: &Action) -> Self {
        match action {
            Action::Dial { to, timeout_seconds } => Self::Dial {
                to: match to {
                    DialTo::Number(number) => number.as_str().to_owned(),
                    DialTo::Sip(address) => address.as_str().to_owned(),
                },
                timeout_seconds: *timeout_seconds,
            },
            Action::Voicemail { greeting, .. } => {
                Self::Voicemail { greeting: greeting.text.as_str().to_owned() }
            }
            Action::Say(greeting) => Self::Say { text: greeting.text.as_str().to_owned() },
            Action::Reject(reason) => Self::Reject {
                reason: Cow::Borrowed(match reason {
                    RejectReason::Busy => "busy",
                    RejectReason::Rejected => "rejected",
                }),
            },
            Action::Redirect(url) => Self::Redirect { url: url.as_str().to_owned() },
            Action::Enqueue(queue) => Self::Enqueue { queue: queue.0.as_str().to_owned() },
        }
    }

    /// What happens if this follows an attempt in which the call was answered.
    pub const fn if_answered(&self) -> Option<&'static str> {
        match self {
            Self::Reject { .. } => Some(ANSWERED_IS_NOT_REJECTED),
            Self::Agent { .. }
            | Self::Dial { .. }
            | Self::Voicemail { .. }
            | Self::Say { .. }
            | Self::Redirect { .. }
            | Self::Enqueue { .. }
            | Self::Nobody => None,
        }
    }

    /// A short form, for legends.
    pub fn short(&self) -> String {
        match self {
            Self::Agent { name, .. } => name.clone(),
            Self::Dial { to, .. } => format!("dial {to}"),
            Self::Voicemail { .. } => "voicemail".to_owned(),
            Self::Say { text } => format!("say {:?}", shortened(text)),
            Self::Reject { reason } => format!("reject ({reason})"),
            Self::Redirect { url } => format!("redirect to {url}"),
            Self::Enqueue { queue } => format!("enqueue in {queue:?}"),
            Self::Nobody => "none".to_owned(),
        }
    }
}

impl fmt::Display for DestinationObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Agent { id, name } => write!(f, "agent {name} ({id})"),
            Self::Dial { timeout_seconds, .. } => {
                write!(f, "{} for {timeout_seconds} s", self.short())
            }
            Self::Say { text } => write!(f, "say {text:?}"),
            Self::Voicemail { .. }
            | Self::Reject { .. }
            | Self::Redirect { .. }
            | Self::Enqueue { .. }
            | Self::Nobody => f.write_str(&self.short()),
        }
    }
}

/// The beginning of a sentence that is too long for a line.
fn shortened(text: &str) -> String {
    const MAX_CHARACTERS: usize = 40;
    let mut characters = text.chars();
    let beginning: String = characters.by_ref().take(MAX_CHARACTERS).collect();
    if characters.next().is_some() { format!("{}…", beginning.trim_end()) } else { beginning }
}

#[cfg(test)]
mod tests {
    use super::{DestinationObject, shortened};

    #[test]
    fn a_long_sentence_is_cut_off_in_legends() {
        assert_eq!(shortened("Short."), "Short.");
        let long = shortened(&"word ".repeat(20));
        assert!(long.ends_with("word…") && long.chars().count() <= 41, "{long}");
    }

    #[test]
    fn a_destination_has_its_kind() {
        let dial = DestinationObject::Dial { to: "+14155550142".to_owned(), timeout_seconds: 20 };
        assert_eq!(dial.to_string(), "dial +14155550142 for 20 s");
        let json = serde_json::to_value(&dial).unwrap();
        assert_eq!(json["kind"], "dial");
        assert_eq!(serde_json::to_value(DestinationObject::Nobody).unwrap()["kind"], "nobody");
    }
}
