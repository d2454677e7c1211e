//! A message with its delivery and the replies to it, as they are printed.

use serde::Serialize;
use switchboard_admin::objects::{MessageStory, ReplyObject};
use switchboard_domain::delivery::Delivery;
use switchboard_domain::message::MessageRecord;

use super::{delivery, message, or_none};

/// A message, what became of it, and what to do about it.
#[derive(Debug, Serialize)]
pub(in crate::command_line) struct MessageStoryView {
    #[serde(flatten)]
    story: MessageStory,
    #[serde(skip)]
    advice: String,
}

impl MessageStoryView {
    pub(in crate::command_line) fn of(
        story: MessageStory,
        record: &MessageRecord,
        delivery: Option<&Delivery>,
    ) -> Self {
        let advice = message::advice(record, story.message.agent.as_ref(), delivery);
        Self { story, advice: advice.unwrap_or_else(|| "nothing".to_owned()) }
    }

    /// The whole story, for people.
    pub(in crate::command_line) fn sheet(&self) -> String {
        let mut text = message::lines(&self.story.message, &self.advice);
        if let Some(delivery) = &self.story.delivery_details {
            text.push('\n');
            text.push_str(&delivery::summary(delivery));
        }
        text.extend(self.story.replies.iter().map(line));
        text
    }
}

fn line(reply: &ReplyObject) -> String {
    let ReplyObject { delivery, state, .. } = reply;
    let status = reply.status.map(|status| format!(", {status}")).unwrap_or_default();
    let error = reply.error.as_ref().map(|error| format!(", {error}")).unwrap_or_default();
    let sid = or_none(reply.sid.as_deref());
    format!("\nreply  {sid}  {delivery}  {state}{status}{error}  {}", reply.body)
}
