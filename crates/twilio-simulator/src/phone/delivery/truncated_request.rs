//! Requests whose connection is closed before they are complete.

use tokio::io::AsyncWriteExt as _;
use url::Url;

use super::attempt::{Attempt, AttemptError, RetryClass, raw_request};
use crate::phone::webhook::Method;

/// Sends the first half of a request and closes the connection.
pub(super) async fn send_half(
    attempt: &Attempt<'_>,
    method: Method,
    url: &Url,
    fields: &[(String, String)],
) -> AttemptError {
    let (target, text) = raw_request(attempt, method, url, fields);
    let half = match method {
        // The headers are complete, and half of the body is missing.
        Method::Post => text.len() - (text.len() - text.find("\r\n\r\n").unwrap_or_default()) / 2,
        Method::Get => text.len() / 2,
    };
    let sent = async {
        let mut connection = attempt.transport.connect(&target).await.ok()?;
        connection.write_all(&text.as_bytes()[..half]).await.ok()?;
        connection.shutdown().await.ok()
    };
    match sent.await {
        Some(()) => AttemptError::new(RetryClass::Never, 11_200, "the request was cut off"),
        None => AttemptError::new(RetryClass::Connect, 11_205, "connection failed"),
    }
}
