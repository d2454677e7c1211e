//! What Twilio tells us about calls and messages after they began.
//!
//! Status callbacks come in any order, late and repeated (Twilio, "Call status callbacks": the order of
//! delivery is not guaranteed), so states are ordered here and only the furthest one counts.

use crate::address::Address;
use crate::call::CallEvent;
use crate::field::{FieldError, number_or_empty, optional};
use crate::form::Form;
use crate::sid::{AccountSid, MessageSid};
use crate::string_enum;
use crate::time::Timestamp;

string_enum! {
    /// The state of a call, with Twilio's names (Twilio, "Call status callbacks"). The order of the variants is their
    /// rank. Twilio does not send two final states for one call; if it did, the later one in this list would stand,
    /// whichever arrives first.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum CallStatus {
        /// Twilio has accepted the call and has not started it.
        Queued = "queued",
        /// Twilio has started to dial.
        Initiated = "initiated",
        /// The destination is ringing.
        Ringing = "ringing",
        /// The call was answered and goes on.
        InProgress = "in-progress",
        /// Final: the call was ended before it was answered.
        Canceled = "canceled",
        /// Final: the destination did not answer in time.
        NoAnswer = "no-answer",
        /// Final: the destination sent a busy signal.
        Busy = "busy",
        /// Final: the call could not be connected.
        Failed = "failed",
        /// Final: the call was answered and has ended.
        Completed = "completed",
    }
}

impl CallStatus {
    /// Whether the call has ended.
    pub const fn is_final(self) -> bool {
        matches!(
            self,
            Self::Canceled | Self::NoAnswer | Self::Busy | Self::Failed | Self::Completed
        )
    }

    /// Position in the order of states: a state with a higher rank replaces one with a lower rank.
    pub const fn rank(self) -> i16 {
        self as i16
    }
}

string_enum! {
    /// The state of a message, with Twilio's names (Twilio, "Track outbound message status"). The order of the
    /// variants is their rank.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum MessageStatus {
        /// Twilio has accepted the message and has not chosen a sender.
        Accepted = "accepted",
        /// Twilio sends the message at a time set in advance.
        Scheduled = "scheduled",
        /// The message waits to be sent.
        Queued = "queued",
        /// Twilio is handing the message to the carrier.
        Sending = "sending",
        /// The carrier has accepted the message.
        Sent = "sent",
        /// Twilio is processing an inbound message.
        Receiving = "receiving",
        /// Twilio has received an inbound message.
        Received = "received",
        /// Some recipients of a group message have received it.
        PartiallyDelivered = "partially_delivered",
        /// The message was canceled before it was sent.
        Canceled = "canceled",
        /// The message could not be sent.
        Failed = "failed",
        /// The carrier reports that the message did not arrive.
        Undelivered = "undelivered",
        /// The carrier reports that the message arrived.
        Delivered = "delivered",
        /// The recipient has opened the message.
        Read = "read",
    }
}

impl MessageStatus {
    /// Position in the order of states: a state with a higher rank replaces one with a lower rank.
    pub const fn rank(self) -> i16 {
        self as i16
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
            assert_eq!(CallStatus::parse(status.as_str()), Some(status));
        }
        for status in MessageStatus::ALL {
            assert_eq!(MessageStatus::parse(status.as_str()), Some(status));
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
