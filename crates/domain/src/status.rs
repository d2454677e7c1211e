//! What Twilio tells us about calls and messages after they began.
//!
//! Status callbacks come in any order, late and repeated (Twilio, "Call status callbacks": the order of
//! delivery is not guaranteed), so states are ordered here and only the furthest one counts.

use crate::address::Address;
use crate::call::CallEvent;
use crate::field::{FieldError, number_or_empty, optional};
use crate::form::Form;
use crate::sid::{AccountSid, MessageSid};
use crate::time::Timestamp;

macro_rules! states {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[expect(missing_docs, reason = "the words are Twilio's and explain themselves")]
        pub enum $name { $($variant),+ }

        impl $name {
            /// Every state, the earliest first.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Twilio's word for it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The state of that word.
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|state| state.as_str() == text)
            }

            /// Its place in the order of states: a later one replaces an earlier one.
            pub const fn rank(self) -> i16 {
                self as i16
            }
        }
    };
}

states! {
    /// How far a call has come; the order is the order of the variants. Two ends of one call do not
    /// happen, but if Twilio says so the later in this list stands, whichever comes first.
    CallStatus {
        Queued = "queued",
        Initiated = "initiated",
        Ringing = "ringing",
        InProgress = "in-progress",
        Canceled = "canceled",
        NoAnswer = "no-answer",
        Busy = "busy",
        Failed = "failed",
        Completed = "completed",
    }
}

impl CallStatus {
    /// Whether the call is over.
    pub const fn is_final(self) -> bool {
        matches!(
            self,
            Self::Canceled | Self::NoAnswer | Self::Busy | Self::Failed | Self::Completed
        )
    }
}

states! {
    /// How far a message has come; the order is the order of the variants.
    MessageStatus {
        Accepted = "accepted",
        Scheduled = "scheduled",
        Queued = "queued",
        Sending = "sending",
        Sent = "sent",
        Receiving = "receiving",
        Received = "received",
        PartiallyDelivered = "partially_delivered",
        Canceled = "canceled",
        Failed = "failed",
        Undelivered = "undelivered",
        Delivered = "delivered",
        Read = "read",
    }
}

/// How far a call has come, as one event tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallProgress {
    /// The state.
    pub status: CallStatus,
    /// How long the call lasted, in seconds, where the event says so.
    pub duration_seconds: Option<u32>,
    /// When we were told.
    pub at: Timestamp,
}

/// How far a message has come, as one event tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageProgress {
    /// The account that owns it.
    pub account: AccountSid,
    /// The tenant that owns the account.
    pub organization: crate::identifier::OrganizationId,
    /// The message.
    pub message: MessageSid,
    /// Who wrote.
    pub from: Option<Address>,
    /// To whom.
    pub to: Option<Address>,
    /// The state.
    pub status: MessageStatus,
    /// Twilio's error code, where it failed.
    pub error_code: Option<u32>,
    /// When we were told.
    pub at: Timestamp,
}

/// A status event of a message, as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageEvent {
    /// The message.
    pub message: MessageSid,
    /// Who wrote.
    pub from: Option<Address>,
    /// To whom.
    pub to: Option<Address>,
    /// The state.
    pub status: MessageStatus,
    /// Twilio's error code, where it failed.
    pub error_code: Option<u32>,
}

/// What a status callback speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StatusEvent {
    /// A call.
    Call(CallEvent),
    /// A message.
    Message(MessageEvent),
    /// Something else that may be sent to the same URL (recordings, streams) and that we do not keep.
    Other,
}

impl StatusEvent {
    /// The side of the event that is ours, where one can be told. Twilio tells the status of messages that
    /// we sent.
    pub const fn own_side(&self) -> Option<&Address> {
        match self {
            Self::Call(event) => event.own_side(),
            Self::Message(event) => event.from.as_ref(),
            Self::Other => None,
        }
    }

    /// Reads a status callback (Twilio, "Call status callbacks" and "Track outbound message status").
    pub fn parse(form: &Form, at: Timestamp) -> Result<Self, FieldError> {
        if let Some(message) = optional(form, "MessageSid", |text| MessageSid::parse(text).ok())? {
            let word = match form.only("MessageStatus")? {
                Some(word) => word,
                None => form.only("SmsStatus")?.ok_or(FieldError::missing("MessageStatus"))?,
            };
            // A word that Twilio adds tomorrow is no reason to refuse the callback.
            let Some(status) = MessageStatus::parse(word) else {
                return Ok(Self::Other);
            };
            return Ok(Self::Message(MessageEvent {
                message,
                from: optional(form, "From", |text| Address::parse_caller(text).ok())?,
                to: optional(form, "To", |text| Address::parse_caller(text).ok())?,
                status,
                error_code: number_or_empty(form, "ErrorCode")?,
            }));
        }
        Ok(CallEvent::parse(form, at)?.map_or(Self::Other, Self::Call))
    }
}

#[cfg(test)]
mod tests {
    use super::{CallStatus, MessageStatus, StatusEvent};
    use crate::form::Form;
    use crate::time::Timestamp;

    const SID: &str = "0123456789abcdef0123456789abcdef";

    fn parse(form: &str) -> Result<StatusEvent, String> {
        let form = Form::parse(form.as_bytes()).unwrap();
        StatusEvent::parse(&form, Timestamp::from_seconds(0)).map_err(|error| error.to_string())
    }

    #[test]
    fn every_word_is_read_back() {
        for status in CallStatus::ALL {
            assert_eq!(CallStatus::parse(status.as_str()), Some(*status));
        }
        for status in MessageStatus::ALL {
            assert_eq!(MessageStatus::parse(status.as_str()), Some(*status));
        }
    }

    #[test]
    fn an_end_outranks_every_earlier_state() {
        for earlier in CallStatus::ALL.iter().filter(|status| !status.is_final()) {
            for end in CallStatus::ALL.iter().filter(|status| status.is_final()) {
                assert!(end > earlier);
            }
        }
    }

    #[test]
    fn a_call_and_a_message_are_told_apart() {
        let call = parse(&format!("CallSid=CA{SID}&CallStatus=completed&CallDuration=42")).unwrap();
        assert!(
            matches!(call, StatusEvent::Call(event) if event.progress.duration_seconds == Some(42))
        );
        let message =
            parse(&format!("MessageSid=SM{SID}&MessageStatus=failed&ErrorCode=30003")).unwrap();
        assert!(matches!(message, StatusEvent::Message(event) if event.error_code == Some(30003)));
        let other = parse(&format!("CallSid=CA{SID}&StreamEvent=stream-started")).unwrap();
        assert_eq!(other, StatusEvent::Other);
    }

    #[test]
    fn a_word_that_is_no_state_yet_is_something_else_and_a_missing_one_is_refused() {
        for word in ["CallSid=CA", "MessageStatus=warming&MessageSid=SM"] {
            let event = parse(&format!("CallStatus=finished&{word}{SID}"));
            assert_eq!(event, Ok(StatusEvent::Other));
        }
        let error = parse(&format!("MessageSid=SM{SID}")).unwrap_err();
        assert_eq!(error, "field MessageStatus is missing");
    }
}
