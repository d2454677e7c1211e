//! The options of an agent's chat model, as `agent add` and `agent set` share them.

use clap::Args;
use switchboard_domain::agent::{ChatModel, Label, TokenLimits};
use switchboard_domain::secret::Secret;
use switchboard_domain::web_address::WebUrl;

use super::input::{parse_given, text};
use crate::failure::Failure;

/// The options that describe the chat model of `--chat-model`.
#[derive(Debug, Args)]
#[expect(clippy::struct_field_names, reason = "the fields are named like the options")]
pub(super) struct ChatOptions {
    /// The base URL of the chat model's API, to which /chat/completions is appended
    #[arg(long, value_name = "BASE-URL", conflicts_with_all = OTHER_TARGETS)]
    chat_url: Option<String>,
    /// File with the key of the chat model (- for standard input)
    #[arg(long, value_name = "FILE", conflicts_with_all = OTHER_TARGETS)]
    chat_key_file: Option<String>,
    /// The maximum number of completion tokens of a reply [default: 1024]
    #[arg(long, value_name = "N", conflicts_with_all = OTHER_TARGETS)]
    chat_max_tokens: Option<String>,
    /// The maximum number of completion tokens of a day, in UTC [default: 200000]
    #[arg(long, value_name = "N", conflicts_with_all = OTHER_TARGETS)]
    chat_daily_limit: Option<String>,
}

/// The maximum length of a key. Long ones have about 200 characters.
const MAX_KEY_CHARACTERS: usize = 1_000;
const OTHER_TARGETS: [&str; 4] =
    ["reply", "message_redirect_url", "message_webhook", "message_twilio"];

impl ChatOptions {
    /// Whether one of the options that are part of the target is given.
    pub(super) const fn describe_target(&self) -> bool {
        self.chat_url.is_some() || self.chat_max_tokens.is_some() || self.chat_daily_limit.is_some()
    }

    /// Where the key comes from.
    pub(super) fn file(&self) -> Option<&str> {
        self.chat_key_file.as_deref()
    }

    /// The chat model with this name. What is not given stays as it is stored.
    pub(super) fn chat_model(
        &self,
        model: Option<&str>,
        stored: Option<&ChatModel>,
    ) -> Result<ChatModel, Failure> {
        let model = parse_given("--chat-model", model, Label::parse)?;
        let url = parse_given("--chat-url", self.chat_url.as_deref(), WebUrl::parse)?;
        let reply =
            parse_given("--chat-max-tokens", self.chat_max_tokens.as_deref(), TokenLimits::parse)?;
        let daily = parse_given(
            "--chat-daily-limit",
            self.chat_daily_limit.as_deref(),
            TokenLimits::parse,
        )?;
        let missing = |option: &str| {
            Failure::usage(format!(
                "{option} is missing; a chat model has both --chat-model and --chat-url"
            ))
        };
        let model = model.or_else(|| stored.map(|chat| chat.model.clone()));
        let url = url.or_else(|| stored.map(|chat| chat.url.clone()));
        let limits = stored.map(|chat| chat.limits).unwrap_or_default();
        Ok(ChatModel {
            model: model.ok_or_else(|| missing("--chat-model"))?,
            url: url.ok_or_else(|| missing("--chat-url"))?,
            limits: TokenLimits {
                reply: reply.unwrap_or(limits.reply),
                daily: daily.unwrap_or(limits.daily),
            },
        })
    }

    /// The given key.
    pub(super) fn key(&self) -> Result<Option<Secret>, Failure> {
        let Some(path) = self.file() else { return Ok(None) };
        let text = Secret::new(text("--chat-key-file", path)?);
        let key = text.expose().trim();
        let is_key = !key.is_empty()
            && key.len() <= MAX_KEY_CHARACTERS
            && key.bytes().all(|byte| byte.is_ascii_graphic());
        if !is_key {
            return Err(Failure::local(format!(
                "--chat-key-file {path}: the key is not one line of 1 to {MAX_KEY_CHARACTERS} visible ASCII characters"
            )));
        }
        Ok(Some(Secret::new(key.to_owned())))
    }
}
