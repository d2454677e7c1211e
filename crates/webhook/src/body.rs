//! Reads a body: no larger than Twilio sends, and no slower than the limit.

use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::web::{Bytes, BytesMut};
use futures_util::Stream;
use tokio::time::{Sleep, sleep};

/// What a request may be.
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BodyError {
    /// More bytes than the limit.
    #[error("the body is too large")]
    TooLarge,
    /// The client took longer than the limit.
    #[error("the body took too long")]
    TooSlow,
    /// The connection broke, or the transfer encoding is invalid.
    #[error("the body broke off")]
    Broken,
}

/// Reads a whole body. A body that is there already, as Twilio's nearly always is, needs no timer.
pub(crate) struct ReadBody {
    payload: Payload,
    limits: BodyLimits,
    read: Bytes,
    is_begun: bool,
    deadline: Option<Pin<Box<Sleep>>>,
}

impl ReadBody {
    pub(crate) const fn new(payload: Payload, limits: BodyLimits) -> Self {
        Self { payload, limits, read: Bytes::new(), is_begun: false, deadline: None }
    }

    fn append(&mut self, chunk: Bytes) -> Result<(), BodyError> {
        if self.read.len() + chunk.len() > self.limits.bytes {
            return Err(BodyError::TooLarge);
        }
        if self.read.is_empty() {
            self.read = chunk;
        } else {
            let mut joined = BytesMut::with_capacity(self.read.len() + chunk.len());
            joined.extend_from_slice(&self.read);
            joined.extend_from_slice(&chunk);
            self.read = joined.freeze();
        }
        Ok(())
    }
}

impl Future for ReadBody {
    type Output = Result<Bytes, BodyError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        // The server polls a handler as soon as it has the headers, and hands over the body right after. To ask once
        // more is cheaper than to register for the body's arrival.
        if !mem::replace(&mut self.is_begun, true) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        loop {
            match Pin::new(&mut self.payload).poll_next(context) {
                Poll::Ready(Some(Ok(chunk))) => self.append(chunk)?,
                Poll::Ready(Some(Err(_cause))) => return Poll::Ready(Err(BodyError::Broken)),
                Poll::Ready(None) => return Poll::Ready(Ok(mem::take(&mut self.read))),
                Poll::Pending => {
                    let limit = self.limits.time;
                    let deadline = self.deadline.get_or_insert_with(|| Box::pin(sleep(limit)));
                    ready!(deadline.as_mut().poll(context));
                    return Poll::Ready(Err(BodyError::TooSlow));
                }
            }
        }
    }
}
