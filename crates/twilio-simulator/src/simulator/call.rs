//! Calls made or received by an account.

use std::fmt;

use serde::{Deserialize, Serialize};
use switchboard_domain::time::Timestamp;

use super::direction::Direction;
use super::paged_store::Keyed;
use super::sid::Sid;
use super::webhook::Instructions;

/// A call (Twilio, Call resource).
#[derive(Clone, PartialEq, Eq)]
pub struct Call {
    /// The call's SID: `CA…`.
    pub sid: Sid,
    /// The calling address.
    pub from: String,
    /// The called address.
    pub to: String,
    /// The account's number in this call: `PN…`.
    pub number: Option<Sid>,
    /// Who initiated the call.
    pub direction: Direction,
    /// The call's status.
    pub status: CallStatus,
    /// Where the call's TwiML comes from.
    pub instructions: Instructions,
    /// Called when the call's status changes. Empty if not set.
    pub status_callback: String,
    /// When it was created or came in.
    pub created: Timestamp,
    /// When it was answered. `None` if it has not been.
    pub started: Option<Timestamp>,
    /// When it ended. `None` while it is in progress.
    pub ended: Option<Timestamp>,
    /// When it was last changed.
    pub updated: Timestamp,
}

impl Call {
    /// Sets the status, unless the call has ended.
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

/// Shows only SID and status, because phone numbers must not be logged.
impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("sid", &self.sid)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

impl Keyed for Call {
    type Key = Sid;

    fn key(&self) -> Sid {
        self.sid
    }
}

/// The status of a call (Twilio, Call resource: status values).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CallStatus {
    /// Waiting to be placed.
    Queued,
    /// Ringing.
    Ringing,
    /// Answered and in progress.
    InProgress,
    /// Answered and ended.
    Completed,
    /// The line was busy.
    Busy,
    /// The call could not be placed.
    Failed,
    /// The call was not answered.
    NoAnswer,
    /// Ended before it was answered.
    Canceled,
}

impl CallStatus {
    /// Whether this status is final.
    pub fn is_over(self) -> bool {
        !matches!(self, Self::Queued | Self::Ringing | Self::InProgress)
    }
}
