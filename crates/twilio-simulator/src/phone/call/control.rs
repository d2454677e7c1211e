//! A call that is changed while it goes on (Twilio, Call resource: "Update a Call").

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

use crate::phone::webhook::Webhook;

/// What a call is told from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// `Status=completed`.
    HangUp,
    /// `Url`, with its `Method`.
    Follow(Webhook),
    /// `Twiml`.
    FollowTwiml(String),
}

#[derive(Debug, Default)]
struct Slot {
    change: Mutex<Option<Change>>,
    filled: Notify,
}

/// A hand on a call that is going on. What it tells last counts; a call that is over does not hear it.
#[derive(Clone, Debug)]
pub struct CallControl(Arc<Slot>);

impl CallControl {
    pub(super) fn new() -> (Self, CallChanges) {
        let slot = Arc::<Slot>::default();
        (Self(Arc::clone(&slot)), CallChanges(slot))
    }

    /// Ends the call.
    pub fn hang_up(&self) {
        self.tell(Change::HangUp);
    }

    /// Leaves what the call follows, and follows the document of this URL.
    pub fn follow(&self, webhook: Webhook) {
        self.tell(Change::Follow(webhook));
    }

    /// Leaves what the call follows, and follows this document.
    pub fn follow_twiml(&self, twiml: impl Into<String>) {
        self.tell(Change::FollowTwiml(twiml.into()));
    }

    fn tell(&self, change: Change) {
        *self.0.change.lock().unwrap_or_else(PoisonError::into_inner) = Some(change);
        // The call may be listening, or come to listen later.
        self.0.filled.notify_one();
    }
}

/// Where a call hears of changes.
#[derive(Clone, Debug, Default)]
pub struct CallChanges(Arc<Slot>);

impl CallChanges {
    /// Waits until there is a change; for ever, if nobody makes one.
    pub(crate) async fn wait(&self) {
        while !self.are_waiting() {
            self.0.filled.notified().await;
        }
    }

    /// Whether there is a change.
    pub(super) fn are_waiting(&self) -> bool {
        self.0.change.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// The change, which is not given twice.
    pub(super) fn take(&self) -> Option<Change> {
        self.0.change.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

#[cfg(test)]
mod tests {
    use super::{CallControl, Change};

    #[tokio::test]
    async fn what_was_told_last_counts_and_only_once() {
        let (control, changes) = CallControl::new();
        assert!(!changes.are_waiting());
        control.follow_twiml("<Response/>");
        control.hang_up();
        changes.wait().await;
        changes.wait().await;
        assert_eq!((changes.take(), changes.take()), (Some(Change::HangUp), None));
    }
}
