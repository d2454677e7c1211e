//! Reading a body: no larger than Twilio sends, no slower than a client that means it.

use std::pin::pin;
use std::time::Duration;

use actix_web::web::{Bytes, BytesMut, Payload};
use futures_util::{FutureExt, StreamExt};

use crate::yield_now::yield_now;

/// What a body may be.
#[derive(Clone, Copy, Debug)]
pub struct BodyLimits {
    /// Most bytes of a body.
    pub bytes: usize,
    /// Most bytes of all headers together.
    pub header_bytes: usize,
    /// Longest time that a client may take to send its body.
    pub time: Duration,
}

impl Default for BodyLimits {
    fn default() -> Self {
        Self { bytes: 64 * 1024, header_bytes: 16 * 1024, time: Duration::from_secs(5) }
    }
}

/// Why a body was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyError {
    /// More bytes than the limit.
    TooLarge,
    /// The client took longer than the limit.
    TooSlow,
    /// The connection broke, or the transfer encoding did.
    Broken,
}

/// Reads a whole body. One that is there already, as Twilio's nearly always is, costs neither a timer nor a waker.
pub(crate) async fn read(payload: Payload, limits: &BodyLimits) -> Result<Bytes, BodyError> {
    // The server asks us as soon as it has the headers, and hands over what came with them right after.
    yield_now().await;
    let mut reading = pin!(read_all(payload, limits.bytes));
    match reading.as_mut().now_or_never() {
        Some(done) => done,
        None => tokio::time::timeout(limits.time, reading).await.unwrap_or(Err(BodyError::TooSlow)),
    }
}

async fn read_all(mut payload: Payload, most: usize) -> Result<Bytes, BodyError> {
    let mut whole = Bytes::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_cause| BodyError::Broken)?;
        if whole.len() + chunk.len() > most {
            return Err(BodyError::TooLarge);
        }
        if whole.is_empty() {
            whole = chunk;
        } else {
            let mut joined = BytesMut::with_capacity(whole.len() + chunk.len());
            joined.extend_from_slice(&whole);
            joined.extend_from_slice(&chunk);
            whole = joined.freeze();
        }
    }
    Ok(whole)
}
