//! Messages sent or received by an account.

use std::fmt;

use serde::{Deserialize, Serialize};
use switchboard_domain::time::Timestamp;

use super::direction::Direction;
use super::paged_store::Keyed;
use super::sid::Sid;

/// A message (Twilio, Message resource).
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// The message's SID: `SM…`, or `MM…` if it has media.
    pub sid: Sid,
    /// The sender's address.
    pub from: String,
    /// The recipient's address.
    pub to: String,
    /// The text; empty if the message only has media.
    pub body: String,
    /// The template that Twilio renders (`HX…`), and its variables as JSON. Empty for none.
    pub template: (String, String),
    /// The URLs of its media.
    pub media: Vec<String>,
    /// The Messaging Service that sends it: `MG…`.
    pub service: Option<Sid>,
    /// Who initiated it.
    pub direction: Direction,
    /// The message's status.
    pub status: MessageStatus,
    /// Twilio's error code, if it failed.
    pub error_code: Option<u32>,
    /// Called when the message's status changes. Empty if not set.
    pub status_callback: String,
    /// When it was created.
    pub created: Timestamp,
    /// When it was sent. `None` if it has not been.
    pub sent: Option<Timestamp>,
    /// When it was last changed.
    pub updated: Timestamp,
}

/// Shows only SID and status, because phone numbers and texts must not be logged.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("sid", &self.sid)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

impl Keyed for Message {
    type Key = Sid;

    fn key(&self) -> Sid {
        self.sid
    }
}

/// The status of a message (Twilio, Message resource: status values).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageStatus {
    /// A Messaging Service is choosing a sender.
    Accepted,
    /// Scheduled for a later time.
    Scheduled,
    /// Waiting to be sent.
    Queued,
    /// Being sent.
    Sending,
    /// Accepted by the next carrier.
    Sent,
    /// Delivered.
    Delivered,
    /// Not delivered.
    Undelivered,
    /// Could not be sent.
    Failed,
    /// Canceled before it was sent.
    Canceled,
    /// Read by the recipient.
    Read,
    /// Being received.
    Receiving,
    /// Received.
    Received,
}
