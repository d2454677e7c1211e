//! Updates to a call in progress (Twilio, Call resource: "Update a Call").

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

use crate::phone::webhook::Webhook;

/// An update from the REST API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// `Status=completed`.
    HangUp,
    /// `Url` with its `Method`.
    Follow(Webhook),
    /// `Twiml`.
    FollowTwiml(String),
}

#[derive(Debug, Default)]
struct Shared {
    change: Mutex<Option<Change>>,
    filled: Notify,
}

/// Updates a call in progress. The last update replaces earlier ones that the call has not read; a call that has
/// ended ignores updates.
#[derive(Clone, Debug)]
pub struct CallControl(Arc<Shared>);

impl CallControl {
    pub(super) fn new() -> (Self, CallChanges) {
        let slot = Arc::<Shared>::default();
        (Self(Arc::clone(&slot)), CallChanges(slot))
    }

    /// Ends the call.
    pub fn hang_up(&self) {
        self.update(Change::HangUp);
    }

    /// Interrupts the current TwiML and continues with the TwiML of this URL.
    pub fn follow(&self, webhook: Webhook) {
        self.update(Change::Follow(webhook));
    }

    /// Interrupts the current TwiML and continues with this TwiML.
    pub fn follow_twiml(&self, twiml: impl Into<String>) {
        self.update(Change::FollowTwiml(twiml.into()));
    }

    fn update(&self, change: Change) {
        *self.0.change.lock().unwrap_or_else(PoisonError::into_inner) = Some(change);
        // `notify_one` also wakes a call that starts waiting later.
        self.0.filled.notify_one();
    }
}

/// Receives the updates of a call.
#[derive(Clone, Debug, Default)]
pub struct CallChanges(Arc<Shared>);

impl CallChanges {
    /// Waits until there is an update.
    pub(crate) async fn wait(&self) {
        while !self.are_waiting() {
            self.0.filled.notified().await;
        }
    }

    /// Whether there is an update.
    pub(super) fn are_waiting(&self) -> bool {
        self.0.change.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// Takes the update.
    pub(super) fn take(&self) -> Option<Change> {
        self.0.change.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

#[cfg(test)]
mod tests {
    use super::{CallControl, Change};

    #[tokio::test]
    async fn the_last_update_replaces_earlier_ones_and_is_taken_once() {
        let (control, changes) = CallControl::new();
        assert!(!changes.are_waiting());
        control.follow_twiml("<Response/>");
        control.hang_up();
        changes.wait().await;
        changes.wait().await;
        assert_eq!((changes.take(), changes.take()), (Some(Change::HangUp), None));
    }
}
