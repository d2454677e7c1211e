//! Voice and message targets, as they are printed.

use serde::Serialize;
use switchboard_domain::agent::{ChatModel, MessageTarget, VoiceTarget};

/// A voice or message target: its kind, and its value in the field of this kind.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(in crate::command_line) enum TargetView {
    Stream { url: String },
    ConversationRelay { url: String },
    Redirect { url: String },
    Dial { phone_number: String },
    Reply { text: String },
    Webhook { url: String },
    Twilio { url: String },
    ChatModel { model: String, url: String, max_tokens: u32, daily_limit: u32 },
}

impl TargetView {
    pub(in crate::command_line) fn of_voice(target: &VoiceTarget) -> Self {
        let value = target.value().to_owned();
        match target {
            VoiceTarget::Stream(_) => Self::Stream { url: value },
            VoiceTarget::ConversationRelay(_) => Self::ConversationRelay { url: value },
            VoiceTarget::Redirect(_) => Self::Redirect { url: value },
            VoiceTarget::Dial(_) => Self::Dial { phone_number: value },
            VoiceTarget::Twilio(_) => Self::Twilio { url: value },
        }
    }

    pub(in crate::command_line) fn of_message(target: &MessageTarget) -> Self {
        let value = target.value().to_owned();
        match target {
            MessageTarget::Reply(_) => Self::Reply { text: value },
            MessageTarget::Redirect(_) => Self::Redirect { url: value },
            MessageTarget::Webhook(_) => Self::Webhook { url: value },
            MessageTarget::Twilio(_) => Self::Twilio { url: value },
            MessageTarget::ChatModel(ChatModel { model, limits, .. }) => Self::ChatModel {
                model: model.as_str().to_owned(),
                url: value,
                max_tokens: limits.reply.get(),
                daily_limit: limits.daily.get(),
            },
        }
    }
}

impl std::fmt::Display for TargetView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Stream { url } => write!(f, "stream to {url}"),
            Self::ConversationRelay { url } => write!(f, "conversation relay to {url}"),
            Self::Redirect { url } => write!(f, "redirect to {url}"),
            Self::Dial { phone_number } => write!(f, "dial {phone_number}"),
            Self::Webhook { url } => write!(f, "webhook at {url}"),
            Self::Twilio { url } => write!(f, "Twilio's form to {url}"),
            Self::ChatModel { model, url, max_tokens, daily_limit } => write!(
                f,
                "chat model {model} at {url}, at most {max_tokens} completion tokens a reply and {daily_limit} a day"
            ),
            Self::Reply { text } => write!(f, "reply {text:?}"),
        }
    }
}
