//! Messages that were sent or received.

use std::fmt;

use serde::{Deserialize, Serialize};
use switchboard_domain::time::Timestamp;

use super::direction::Direction;
use super::shelf::Kept;
use super::sid::Sid;

/// A message (Twilio, Message resource).
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// `SM…`, or `MM…` where media came with it.
    pub sid: Sid,
    /// Who sent it.
    pub from: String,
    /// Whom it is for.
    pub to: String,
    /// Its text.
    pub body: String,
    /// URLs of what came with it.
    pub media: Vec<String>,
    /// The Messaging Service that sends it: `MG…`.
    pub service: Option<Sid>,
    /// Who started it.
    pub direction: Direction,
    /// How far it has come.
    pub status: MessageStatus,
    /// Why it failed, by Twilio's code.
    pub error_code: Option<u32>,
    /// Hears of its progress. Empty if nobody does.
    pub status_callback: String,
    /// When it was ordered.
    pub created: Timestamp,
    /// When it went out.
    pub sent: Option<Timestamp>,
    /// When it last came further.
    pub updated: Timestamp,
}

/// Messages are shown by their SID: who wrote to whom is no matter of a log.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("sid", &self.sid)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

impl Kept for Message {
    type Key = Sid;

    fn key(&self) -> Sid {
        self.sid
    }
}

/// How far a message has come (Twilio, Message resource: status values).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageStatus {
    /// A Messaging Service looks for a sender.
    Accepted,
    /// It will be sent at a time.
    Scheduled,
    /// It waits to be sent.
    Queued,
    /// It is being sent.
    Sending,
    /// The next carrier has it.
    Sent,
    /// It arrived.
    Delivered,
    /// It did not arrive.
    Undelivered,
    /// It could not be sent.
    Failed,
    /// It was taken back.
    Canceled,
    /// It was read.
    Read,
    /// It comes in.
    Receiving,
    /// It came in.
    Received,
}
