//! Calls that were made or received.

use std::fmt;

use serde::{Deserialize, Serialize};
use switchboard_domain::time::Timestamp;

use super::direction::Direction;
use super::shelf::Kept;
use super::sid::Sid;
use super::webhook::Instructions;

/// A call (Twilio, Call resource).
#[derive(Clone, PartialEq, Eq)]
pub struct Call {
    /// `CA…`.
    pub sid: Sid,
    /// Who calls.
    pub from: String,
    /// Who is called.
    pub to: String,
    /// Our number in it: `PN…`.
    pub number: Option<Sid>,
    /// Who started it.
    pub direction: Direction,
    /// How far it has come.
    pub status: CallStatus,
    /// What it follows.
    pub instructions: Instructions,
    /// Hears of its progress. Empty if nobody does.
    pub status_callback: String,
    /// When it was ordered or came in.
    pub created: Timestamp,
    /// When it was answered.
    pub started: Option<Timestamp>,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// When it last changed.
    pub updated: Timestamp,
}

impl Call {
    /// Goes on to a status. What is over stays as it is.
    pub(crate) fn advance(&mut self, status: CallStatus, now: Timestamp) {
        if self.status.is_over() {
            return;
        }
        if status == CallStatus::InProgress || status == CallStatus::Completed {
            self.started.get_or_insert(now);
        }
        if status.is_over() {
            self.ended = Some(now);
        }
        (self.status, self.updated) = (status, now);
    }
}

/// Calls are shown by their SID: who called whom is no matter of a log.
impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("sid", &self.sid)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

impl Kept for Call {
    type Key = Sid;

    fn key(&self) -> Sid {
        self.sid
    }
}

/// How far a call has come (Twilio, Call resource: status values).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CallStatus {
    /// It waits to be made.
    Queued,
    /// It rings.
    Ringing,
    /// People talk.
    InProgress,
    /// It was answered, and is over.
    Completed,
    /// The line was busy.
    Busy,
    /// It could not be made.
    Failed,
    /// Nobody answered.
    NoAnswer,
    /// It was ended before anybody answered.
    Canceled,
}

impl CallStatus {
    /// Whether nothing follows.
    pub fn is_over(self) -> bool {
        !matches!(self, Self::Queued | Self::Ringing | Self::InProgress)
    }
}
