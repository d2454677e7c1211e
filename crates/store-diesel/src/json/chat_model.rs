//! The chat model of an agent.

use std::num::NonZeroU32;

use serde::Deserialize;
use switchboard_domain::agent::{ChatModel, Label, TokenLimits};
use switchboard_domain::web_address::WebUrl;

use super::shape::{JsonError, read};

#[derive(Deserialize)]
struct Stored {
    url: String,
    model: String,
    reply_tokens: NonZeroU32,
    daily_tokens: NonZeroU32,
}

/// Reads a chat model.
pub(crate) fn read_chat_model(text: &str) -> Result<ChatModel, JsonError> {
    let stored = read::<Stored>(text)?;
    let url = WebUrl::parse(&stored.url).map_err(|_cause| JsonError::Value { key: "url" })?;
    let model = Label::parse(&stored.model).map_err(|_cause| JsonError::Value { key: "model" })?;
    let limits = TokenLimits { reply: stored.reply_tokens, daily: stored.daily_tokens };
    Ok(ChatModel { url, model, limits })
}

/// Writes a chat model.
pub(crate) fn write_chat_model(chat: &ChatModel) -> String {
    let ChatModel { url, model, limits } = chat;
    let object = serde_json::json!({
        "url": url.as_str(),
        "model": model.as_str(),
        "reply_tokens": limits.reply,
        "daily_tokens": limits.daily,
    });
    object.to_string()
}
