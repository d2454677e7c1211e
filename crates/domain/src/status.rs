//! States of calls and messages.
//!
//! Status callbacks arrive out of order, late and repeated (Twilio, "Call status callbacks": the order of delivery is
//! not guaranteed), so states have a rank, and the state with the highest rank is kept.

use crate::address::Address;
use crate::identifier::OrganizationId;
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
        /// The call was answered and continues.
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

/// State of a call, as one status callback reports it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallProgress {
    /// The state that Twilio reports.
    pub status: CallStatus,
    /// Duration of the call in seconds; `None` if the callback does not report it.
    pub duration_seconds: Option<u32>,
    /// When the callback arrived.
    pub at: Timestamp,
}

/// State of a message, as one status callback reports it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageProgress {
    /// Account that owns the message.
    pub account: AccountSid,
    /// Organization that owns the account.
    pub organization: OrganizationId,
    /// SID of the message.
    pub message: MessageSid,
    /// Sender; `None` if the callback does not name one.
    pub from: Option<Address>,
    /// Recipient; `None` if the callback does not name one.
    pub to: Option<Address>,
    /// The state that Twilio reports.
    pub status: MessageStatus,
    /// Twilio's error code; `None` if there is none.
    pub error_code: Option<u32>,
    /// When the callback arrived.
    pub at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::{CallStatus, MessageStatus};

    #[test]
    fn every_name_parses_back() {
        for status in CallStatus::ALL {
            assert_eq!(CallStatus::parse(status.as_str()), Some(status));
        }
        for status in MessageStatus::ALL {
            assert_eq!(MessageStatus::parse(status.as_str()), Some(status));
        }
    }

    #[test]
    fn a_final_state_outranks_every_other_state() {
        for earlier in CallStatus::ALL.iter().filter(|status| !status.is_final()) {
            for end in CallStatus::ALL.iter().filter(|status| status.is_final()) {
                assert!(end > earlier);
            }
        }
    }
}
