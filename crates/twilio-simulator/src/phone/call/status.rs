//! Status callbacks of the call (Twilio, Call resource: `StatusCallback`).

use super::execution::Execution;
use crate::phone::delivery::Fault;
use crate::phone::fields::{CallStatus, Fields, call_fields, progress_fields};
use crate::phone::transcript::{Event, Purpose};

impl Execution<'_> {
    /// Changes the call's status, records it, and reports it to the status callback.
    pub(super) async fn changed(&mut self, status: CallStatus) {
        self.facts.status = status;
        self.recorder.note(Event::Status { status });
        let is_wanted = status.is_final() || self.call.status_events.contains(&status);
        if !is_wanted || self.call.status_callback.is_none() {
            return;
        }
        let duration = status.is_final().then(|| self.clock.since_answer());
        let mut fields = call_fields(&self.facts);
        fields.extend(progress_fields(self.time.now(), self.callbacks, duration));
        self.callbacks += 1;
        match self.client.due_fault(Purpose::Status) {
            Some(Fault::Reordered) => self.delayed_callbacks.push(fields),
            fault => {
                self.send_status(fault, &fields).await;
                self.send_delayed_callbacks().await;
            }
        }
    }

    /// Sends the callbacks that were delayed to reorder them.
    pub(super) async fn send_delayed_callbacks(&mut self) {
        for fields in std::mem::take(&mut self.delayed_callbacks) {
            self.send_status(Some(Fault::Reordered), &fields).await;
        }
    }

    async fn send_status(&self, fault: Option<Fault>, fields: &Fields) {
        let Some(webhook) = &self.call.status_callback else { return };
        let result = self.client.deliver_with(fault, Purpose::Status, webhook, fields).await;
        if let Err(alert) = result {
            self.recorder.note(Event::Alert(alert));
        }
    }
}
