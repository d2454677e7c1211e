//! Asks chat models over HTTP.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use reqwest::StatusCode;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use switchboard_domain::ports::{ChatAnswer, ChatClient, ChatRequest, EndpointError};
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::completion::{LimitName, read, refuses_limit_name, serialize};
use crate::exchange::{Answered, Exchange, MaxSize, unreachable};
use crate::network::{Network, NetworkError};

const JSON: &str = "application/json";
/// The timeout of a completion, from name resolution to the last byte of the response. Models on a processor without an
/// accelerator write for a minute.
const TIMEOUT: Duration = Duration::from_secs(60);
const MAX_RESPONSE: MaxSize = MaxSize { bytes: 256 * 1024, exceeded: "is larger than 256 KiB" };

/// Asks models that speak `OpenAI`'s API of chat completions, such as `OpenAI`, `vLLM` and Ollama, without streaming. Redirects are
/// not followed, so that a key reaches no other server.
pub struct HttpChatClient {
    exchange: Exchange,
}

impl HttpChatClient {
    /// Creates a client. It connects on the first request.
    pub fn new(network: &Network) -> Result<Self, NetworkError> {
        Ok(Self { exchange: Exchange::new(network)? })
    }

    async fn request(
        &self,
        request: &ChatRequest,
        deadline: Instant,
    ) -> Result<ChatAnswer, EndpointError> {
        let answered = self.post(request, LimitName::MaxTokens, deadline).await?;
        let is_other_name =
            answered.status == StatusCode::BAD_REQUEST && refuses_limit_name(&answered.body);
        let answered = if is_other_name {
            self.post(request, LimitName::MaxCompletionTokens, deadline).await?
        } else {
            answered
        };
        Ok(read(&answered.accepted()?.body))
    }

    async fn post(
        &self,
        request: &ChatRequest,
        name: LimitName,
        deadline: Instant,
    ) -> Result<Answered, EndpointError> {
        let url = completions_url(request.model.url.as_str()).map_err(unreachable)?;
        let body = serialize(request, name).map_err(unreachable)?;
        let authorization = request.key.as_ref().map(|key| {
            let mut value = HeaderValue::from_str(&format!("Bearer {}", key.expose()))?;
            value.set_sensitive(true);
            Ok(value)
        });
        let authorization = authorization
            .transpose()
            .map_err(|error: reqwest::header::InvalidHeaderValue| unreachable(error))?;
        let organization = &request.organization;
        self.exchange
            .post(url, organization, deadline, MAX_RESPONSE, |post| {
                let post = post.header(ACCEPT, JSON).header(CONTENT_TYPE, JSON).body(body);
                match authorization {
                    Some(value) => post.header(AUTHORIZATION, value),
                    None => post,
                }
            })
            .await
    }
}

/// The URL of completions below a base URL. A query, such as an API version, stays.
fn completions_url(base: &str) -> Result<Url, url::ParseError> {
    let mut url = Url::parse(base)?;
    url.set_fragment(None);
    let path = format!("{}/chat/completions", url.path().trim_end_matches('/'));
    url.set_path(&path);
    Ok(url)
}

#[async_trait]
impl ChatClient for HttpChatClient {
    async fn complete(&self, request: &ChatRequest) -> Result<ChatAnswer, EndpointError> {
        let deadline = Instant::now() + TIMEOUT;
        let asked = self.request(request, deadline);
        timeout_at(deadline, asked).await.unwrap_or(Err(EndpointError::TimedOut))
    }
}

impl fmt::Debug for HttpChatClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpChatClient").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::completions_url;

    #[test]
    fn completions_are_below_the_base_url() {
        for (base, url) in [
            ("https://api.openai.com/v1", "https://api.openai.com/v1/chat/completions"),
            ("http://localhost:11434/v1/", "http://localhost:11434/v1/chat/completions"),
            ("https://example.com", "https://example.com/chat/completions"),
            (
                "https://a.example/o?api-version=1#x",
                "https://a.example/o/chat/completions?api-version=1",
            ),
        ] {
            assert_eq!(completions_url(base).unwrap().as_str(), url);
        }
    }
}
