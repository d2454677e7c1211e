//! A message with its delivery and the replies to it, as they are printed.

use serde::Serialize;
use switchboard_domain::delivery::{Delivery, Outgoing};
use switchboard_domain::message::MessageRecord;

use super::delivery::DeliveryView;
use super::message::{ErrorView, MessageView};
use super::or_none;

/// A message, and what became of it.
#[derive(Debug, Serialize)]
pub(in crate::command_line) struct MessageStory {
    #[serde(flatten)]
    pub(in crate::command_line) message: MessageView,
    /// The delivery to the agent, or the one that sent it.
    pub(in crate::command_line) delivery_details: Option<DeliveryView>,
    /// The replies to an inbound message, oldest first.
    pub(in crate::command_line) replies: Vec<ReplyView>,
}

/// A reply to a message.
#[derive(Debug, Serialize)]
pub(in crate::command_line) struct ReplyView {
    delivery: String,
    state: &'static str,
    sid: Option<String>,
    /// Its status at Twilio, if it is known.
    status: Option<&'static str>,
    error: Option<ErrorView>,
    body: String,
}

impl ReplyView {
    /// `reported` is what Twilio reported about the reply.
    pub(in crate::command_line) fn of(
        delivery: &Delivery,
        outgoing: &Outgoing,
        reported: Option<&MessageRecord>,
    ) -> Self {
        let error = reported.and_then(|reported| reported.error_code);
        Self {
            delivery: delivery.id.to_string(),
            state: delivery.state.as_str(),
            sid: outgoing.progress.sid.map(|sid| sid.to_string()),
            status: reported.map(|reported| reported.status.as_str()),
            error: error.map(ErrorView::of),
            body: outgoing.content.body.as_str().to_owned(),
        }
    }

    fn line(&self) -> String {
        let Self { delivery, state, .. } = self;
        let status = self.status.map(|status| format!(", {status}")).unwrap_or_default();
        let error = self.error.as_ref().map(|error| format!(", {error}")).unwrap_or_default();
        let sid = or_none(self.sid.as_deref());
        format!("\nreply  {sid}  {delivery}  {state}{status}{error}  {}", self.body)
    }
}

impl MessageStory {
    /// The whole story, for people.
    pub(in crate::command_line) fn sheet(&self) -> String {
        let mut text = self.message.sheet();
        if let Some(delivery) = &self.delivery_details {
            text.push('\n');
            text.push_str(&delivery.summary());
        }
        text.extend(self.replies.iter().map(ReplyView::line));
        text
    }
}
