//! The messages of a chat completion: what a chat model reads of a conversation.

use std::fmt;

use crate::agent::Prompt;
use crate::call::{CallRecord, Outcome};
use crate::message::Direction;
use crate::thread::ThreadEntry;

/// Who wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChatRole {
    /// The operator: the prompt.
    System,
    /// The contact's turn.
    User,
    /// The agent's turn.
    Assistant,
}

impl ChatRole {
    /// The role as `OpenAI`'s API names it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
        }
    }
}

/// A message of a chat completion. `Debug` shows the length of the text only.
#[derive(Clone, PartialEq, Eq)]
pub struct ChatMessage {
    /// Who wrote it.
    pub role: ChatRole,
    /// The text; never empty.
    pub text: String,
}

impl ChatMessage {
    /// A message of the contact: its text, and a line for each media file, which the model cannot see.
    pub fn of_contact<'a>(text: &str, content_types: impl IntoIterator<Item = &'a str>) -> Self {
        let mut lines: Vec<_> = Some(text)
            .filter(|text| !text.trim().is_empty())
            .map(str::to_owned)
            .into_iter()
            .collect();
        let attachment = |content_type: &str| match content_type {
            "" => "[attachment]".to_owned(),
            content_type => format!("[attachment: {content_type}]"),
        };
        lines.extend(content_types.into_iter().map(attachment));
        if lines.is_empty() {
            lines.push("[message without a text]".to_owned());
        }
        Self { role: ChatRole::User, text: lines.join("\n") }
    }

    /// A message of the agent; `None` if it has no text, but only media.
    pub fn of_agent(text: &str) -> Option<Self> {
        let text = Some(text).filter(|text| !text.trim().is_empty())?;
        Some(Self { role: ChatRole::Assistant, text: text.to_owned() })
    }

    /// A call, as a message of the side that called: its duration, or that nobody took it.
    pub fn of_call(call: &CallRecord) -> Self {
        let duration = call.progress.and_then(|progress| progress.duration_seconds);
        let text = match (call.outcome(), duration) {
            (Outcome::Unanswered | Outcome::Rejected | Outcome::Failed, _) => {
                "[missed phone call]".to_owned()
            }
            (Outcome::Answered | Outcome::FellBack, Some(seconds)) => {
                format!("[phone call, {seconds} seconds]")
            }
            (Outcome::Answered | Outcome::FellBack | Outcome::InProgress, _) => {
                "[phone call]".to_owned()
            }
        };
        let role = match ThreadEntry::Called(call).direction() {
            Direction::Inbound => ChatRole::User,
            Direction::Outbound => ChatRole::Assistant,
        };
        Self { role, text }
    }
}

/// The messages of a completion: the prompt, if there is one, the earlier messages, oldest first, and the message to reply to.
/// Consecutive messages of one side become one, because some models require that the sides alternate.
pub fn chat_messages(
    prompt: &Prompt,
    earlier: impl IntoIterator<Item = ChatMessage>,
    message: ChatMessage,
) -> Vec<ChatMessage> {
    let prompt = Some(prompt.as_str()).filter(|prompt| !prompt.trim().is_empty());
    let prompt = prompt.map(|text| ChatMessage { role: ChatRole::System, text: text.to_owned() });
    let mut messages: Vec<ChatMessage> = prompt.into_iter().collect();
    for next in earlier.into_iter().chain([message]) {
        match messages.last_mut() {
            Some(last) if last.role == next.role => {
                last.text.push('\n');
                last.text.push_str(&next.text);
            }
            _ => messages.push(next),
        }
    }
    messages
}

impl fmt::Debug for ChatMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} message of {} bytes", self.role.as_str(), self.text.len())
    }
}

#[cfg(test)]
mod tests {
    use super::{ChatMessage, chat_messages};
    use crate::agent::Prompt;
    use crate::call::{CallDirection, CallRecord};
    use crate::organization::default_organization;
    use crate::sid::{AccountSid, CallSid};
    use crate::status::{CallProgress, CallStatus};
    use crate::time::Timestamp;

    fn user(text: &str) -> ChatMessage {
        ChatMessage::of_contact(text, [])
    }

    fn messages(prompt: &str, earlier: &[ChatMessage]) -> Vec<(&'static str, String)> {
        let prompt = Prompt::parse(prompt).unwrap();
        let messages = chat_messages(&prompt, earlier.to_vec(), user("now"));
        messages.into_iter().map(|message| (message.role.as_str(), message.text)).collect()
    }

    #[test]
    fn both_sides_are_behind_the_prompt() {
        let agent = |text| ChatMessage::of_agent(text).unwrap();
        let earlier = [user("a"), agent("b"), user("c"), agent("d")];
        let expected = [
            ("system", "Be kind."),
            ("user", "a"),
            ("assistant", "b"),
            ("user", "c"),
            ("assistant", "d"),
            ("user", "now"),
        ];
        let expected = expected.map(|(role, text)| (role, text.to_owned()));
        assert_eq!(messages("Be kind.", &earlier), expected);
    }

    #[test]
    fn consecutive_messages_of_one_side_become_one_and_a_blank_prompt_is_left_out() {
        assert_eq!(messages(" \n", &[user("a"), user("b")]), [("user", "a\nb\nnow".to_owned())]);
    }

    #[test]
    fn media_are_named_by_their_types() {
        let text = |text, types: &[&'static str]| {
            ChatMessage::of_contact(text, types.iter().copied()).text
        };
        assert_eq!(text("look", &["image/png", ""]), "look\n[attachment: image/png]\n[attachment]");
        assert_eq!(text(" ", &["audio/ogg"]), "[attachment: audio/ogg]");
        assert_eq!(text("", &[]), "[message without a text]");
        assert_eq!(ChatMessage::of_agent(" "), None);
    }

    #[test]
    fn a_call_is_a_message_of_the_side_that_called() {
        let sid = CallSid::parse("CA0123456789abcdef0123456789abcdef").unwrap();
        let account = AccountSid::parse("AC0123456789abcdef0123456789abcdef").unwrap();
        let at = Timestamp::from_seconds(1);
        let call = |status, duration_seconds, direction| CallRecord {
            progress: Some(CallProgress { status, duration_seconds, at }),
            direction: Some(direction),
            ..CallRecord::of(account, default_organization(), sid, at)
        };
        let (inbound, outbound) = (CallDirection::Inbound, CallDirection::OutboundApi);
        for (call, role, text) in [
            (call(CallStatus::Completed, Some(93), inbound), "user", "[phone call, 93 seconds]"),
            (call(CallStatus::Busy, Some(0), inbound), "user", "[missed phone call]"),
            (call(CallStatus::InProgress, None, outbound), "assistant", "[phone call]"),
        ] {
            let message = ChatMessage::of_call(&call);
            assert_eq!((message.role.as_str(), message.text.as_str()), (role, text));
        }
    }

    #[test]
    fn debug_shows_no_text() {
        assert_eq!(format!("{:?}", user("secret")), "user message of 6 bytes");
    }
}
