//! A message with its delivery and the replies to it, as they are printed for people.

use switchboard_admin::objects::{MessageStory, ReplyObject};

use super::{Sheet, delivery, message, or_none};

/// A message, what became of it, and what to do about it.
impl Sheet for MessageStory {
    fn sheet(&self) -> String {
        let advice = message::advice(&self.message, self.delivery_details.as_ref());
        let mut text = message::lines(&self.message, advice.as_deref().unwrap_or("nothing"));
        if let Some(delivery) = &self.delivery_details {
            text.push('\n');
            text.push_str(&delivery::summary(delivery));
        }
        text.extend(self.replies.iter().map(line));
        text
    }
}

fn line(reply: &ReplyObject) -> String {
    let ReplyObject { delivery, state, .. } = reply;
    let status = reply.status.as_ref().map(|status| format!(", {status}")).unwrap_or_default();
    let error = reply.error.as_ref().map(|error| format!(", {error}")).unwrap_or_default();
    let sid = or_none(reply.sid.as_deref());
    format!("\nreply  {sid}  {delivery}  {state}{status}{error}  {}", reply.body)
}
