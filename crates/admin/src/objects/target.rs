//! Voice and message targets as JSON.

use serde::{Deserialize, Serialize};
use switchboard_domain::agent::{ChatModel, MessageTarget, VoiceTarget};
use utoipa::ToSchema;

/// A voice or message target: its kind, and its value in the field of this kind.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[schema(as = Target)]
pub enum TargetObject {
    /// A media stream to a voice server.
    #[schema(title = "StreamTarget")]
    Stream {
        /// Where the voice server listens.
        url: String,
    },
    /// Twilio's ConversationRelay.
    #[schema(title = "ConversationRelayTarget")]
    ConversationRelay {
        /// Where the voice server listens.
        url: String,
    },
    /// Another URL answers Twilio.
    #[schema(title = "RedirectTarget")]
    Redirect {
        /// The URL.
        url: String,
    },
    /// The call is forwarded.
    #[schema(title = "DialTarget")]
    Dial {
        /// The number.
        phone_number: String,
    },
    /// A static reply to every message.
    #[schema(title = "ReplyTarget")]
    Reply {
        /// The reply.
        text: String,
    },
    /// Messages are delivered as JSON.
    #[schema(title = "WebhookTarget")]
    Webhook {
        /// The endpoint.
        url: String,
    },
    /// Twilio's own form is sent to an endpoint for messages, or to a handler of calls.
    #[schema(title = "TwilioTarget")]
    Twilio {
        /// The endpoint.
        url: String,
    },
    /// A chat model replies.
    #[schema(title = "ChatModelTarget")]
    ChatModel {
        /// The model.
        model: String,
        /// The base URL of its API.
        url: String,
        /// The maximum completion tokens of a reply.
        max_tokens: u32,
        /// The maximum completion tokens of a day.
        daily_limit: u32,
    },
}

impl TargetObject {
    /// Renders a voice target.
    pub fn of_voice(target: &VoiceTarget) -> Self {
        let value = target.value().to_owned();
        match target {
            VoiceTarget::Stream(_) => Self::Stream { url: value },
            VoiceTarget::ConversationRelay(_) => Self::ConversationRelay { url: value },
            VoiceTarget::Redirect(_) => Self::Redirect { url: value },
            VoiceTarget::Dial(_) => Self::Dial { phone_number: value },
            VoiceTarget::Twilio(_) => Self::Twilio { url: value },
        }
    }

    /// Renders a message target.
    pub fn of_message(target: &MessageTarget) -> Self {
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

/// For people.
impl std::fmt::Display for TargetObject {
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
