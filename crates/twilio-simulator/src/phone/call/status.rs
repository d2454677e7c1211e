//! Status callbacks of the call (Twilio, Call resource: `StatusCallback`).

use super::execution::Execution;
use crate::phone::delivery::Fault;
use crate::phone::fields::{CallStatus, Fields, call_fields, progress_fields};
use crate::phone::transcript::{Event, Purpose};

impl Execution<'_> {
    /// The call has another state: it is written down, and told to who wants to hear of it.
    pub(super) async fn changed(&mut self, status: CallStatus) {
        self.facts.status = status;
        self.recorder.note(Event::Status { status });
        let is_wanted = status.is_final() || self.order.status_events.contains(&status);
        if !is_wanted || self.order.status_callback.is_none() {
            return;
        }
        let duration = status.is_final().then(|| self.clock.since_answer());
        let mut fields = call_fields(&self.facts);
        fields.extend(progress_fields(self.callbacks, duration));
        self.callbacks += 1;
        match self.courier.due_fault(Purpose::Status) {
            Some(Fault::Reordered) => self.held.push(fields),
            fault => {
                self.tell(fault, &fields).await;
                self.release_held().await;
            }
        }
    }

    /// Sends the callbacks that were overtaken.
    pub(super) async fn release_held(&mut self) {
        for fields in std::mem::take(&mut self.held) {
            self.tell(Some(Fault::Reordered), &fields).await;
        }
    }

    async fn tell(&self, fault: Option<Fault>, fields: &Fields) {
        let Some(webhook) = &self.order.status_callback else { return };
        let told = self.courier.deliver_with(fault, Purpose::Status, webhook, fields).await;
        if let Err(alert) = told {
            self.recorder.note(Event::Alert(alert));
        }
    }
}
