//! A request whose connection ends in the middle of it.

use tokio::io::AsyncWriteExt as _;
use url::Url;

use super::attempt::{Attempt, Failure, Stage, raw_request};
use crate::phone::webhook::Method;

/// Sends the first half of a request, and hangs up.
pub(super) async fn send_half(
    attempt: &Attempt<'_>,
    method: Method,
    url: &Url,
    fields: &[(String, String)],
) -> Failure {
    let (target, text) = raw_request(attempt, method, url, fields);
    let half = match method {
        // The headers are whole, and half of the body is missing.
        Method::Post => text.len() - (text.len() - text.find("\r\n\r\n").unwrap_or_default()) / 2,
        Method::Get => text.len() / 2,
    };
    let sent = async {
        let mut wire = attempt.network.connect(&target).await.ok()?;
        wire.write_all(&text.as_bytes()[..half]).await.ok()?;
        wire.shutdown().await.ok()
    };
    match sent.await {
        Some(()) => Failure::new(Stage::Final, 11_200, "the request was cut off"),
        None => Failure::new(Stage::Connect, 11_205, "no connection came about"),
    }
}
