//! Chat models: servers that speak `OpenAI`'s API of chat completions.

use std::num::NonZeroU32;

use super::Label;
use crate::web_address::WebUrl;

/// The greatest limit of tokens that is accepted.
pub const MAX_TOKENS: u32 = 1_000_000_000;
/// The completion tokens of one reply, unless the agent has another limit: about 4,000 characters of English.
const DEFAULT_REPLY_TOKENS: NonZeroU32 = tokens(1_024);
/// The completion tokens of a day, unless the agent has another limit.
const DEFAULT_DAILY_TOKENS: NonZeroU32 = tokens(200_000);

const fn tokens(number: u32) -> NonZeroU32 {
    match NonZeroU32::new(number) {
        Some(tokens) => tokens,
        None => NonZeroU32::MIN,
    }
}

/// A chat model, and its limits. Its key is stored separately, because it is a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatModel {
    /// The base URL, to which `/chat/completions` is appended, for example `https://api.openai.com/v1`.
    pub url: WebUrl,
    /// The name of the model.
    pub model: Label,
    /// In completion tokens.
    pub limits: TokenLimits,
}

/// How many completion tokens an agent may use. Completions cost most of the money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenLimits {
    /// For one reply.
    pub reply: NonZeroU32,
    /// For all replies of a day, in UTC.
    pub daily: NonZeroU32,
}

impl Default for TokenLimits {
    fn default() -> Self {
        Self { reply: DEFAULT_REPLY_TOKENS, daily: DEFAULT_DAILY_TOKENS }
    }
}

/// The text is not a number of tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not a number of tokens from 1 to 1,000,000,000")]
pub struct TokenLimitError;

impl TokenLimits {
    /// Parses one of the limits.
    pub fn parse(text: &str) -> Result<NonZeroU32, TokenLimitError> {
        let tokens: Option<u32> = text.trim().parse().ok();
        tokens
            .filter(|tokens| *tokens <= MAX_TOKENS)
            .and_then(NonZeroU32::new)
            .ok_or(TokenLimitError)
    }
}

#[cfg(test)]
mod tests {
    use super::{TokenLimitError, TokenLimits};

    #[test]
    fn a_limit_is_a_number_of_tokens_above_zero() {
        assert_eq!(TokenLimits::parse(" 500 ").unwrap().get(), 500);
        for wrong in ["", "0", "-1", "1.5", "many", "1000000001"] {
            assert_eq!(TokenLimits::parse(wrong), Err(TokenLimitError), "{wrong}");
        }
    }
}
