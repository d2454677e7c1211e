//! Reads HTTP responses with a limited size.

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap, LOCATION, RETRY_AFTER};
use reqwest::{Response, StatusCode};

/// The maximum size of a body. A page of 1,000 numbers has 2 MB.
const MAX_BYTES: usize = 16 * 1024 * 1024;
/// The maximum length of a content type in an error.
const MAX_TYPE_CHARACTERS: usize = 60;

/// A complete response. It does not implement `Debug`, because accounts include their tokens.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    /// The start of the header `Content-Type`.
    pub(crate) content_type: String,
    /// The delay of the header `Retry-After`.
    pub(crate) retry_after: Option<Duration>,
    /// The header `Location`.
    pub(crate) location: Option<String>,
    /// The body, or `None` if it is too long.
    pub(crate) body: Option<Vec<u8>>,
}

impl Answer {
    /// Reads the body of a response.
    pub(crate) async fn receive(mut response: Response) -> Result<Self, reqwest::Error> {
        let status = response.status();
        let headers = response.headers();
        let (content_type, retry_after) = (content_type(headers), retry_after(headers));
        let location =
            headers.get(LOCATION).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let mut answer = Self { status, content_type, retry_after, location, body: None };
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > MAX_BYTES {
                return Ok(answer);
            }
            body.extend_from_slice(&chunk);
        }
        answer.body = Some(body);
        Ok(answer)
    }
}

fn content_type(headers: &HeaderMap) -> String {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    value.unwrap_or_default().chars().take(MAX_TYPE_CHARACTERS).collect()
}

/// The seconds of `Retry-After`. A date is ignored: Twilio sends seconds.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use reqwest::header::{HeaderMap, HeaderValue, RETRY_AFTER};

    use super::retry_after;

    #[test]
    fn retry_after_is_read_in_seconds_and_a_date_is_ignored() {
        for (text, expected) in [
            ("2", Some(Duration::from_secs(2))),
            (" 0 ", Some(Duration::ZERO)),
            ("-1", None),
            ("Wed, 21 Oct 2026 07:28:00 GMT", None),
        ] {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_static(text))]);
            assert_eq!(retry_after(&headers), expected, "{text}");
        }
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }
}
