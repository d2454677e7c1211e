//! Reads a request body, with limits on its size and on the time that it takes.

use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::web::{Bytes, BytesMut};
use futures_util::Stream;
use tokio::time::{Sleep, sleep};

/// The limits of a request.
#[derive(Clone, Copy, Debug)]
pub struct BodyLimits {
    /// The maximum size of a body in bytes.
    pub bytes: usize,
    /// The maximum size of all bodies that are being received or answered, in bytes.
    pub total_bytes: usize,
    /// The maximum size of all headers together, in bytes.
    pub header_bytes: usize,
    /// The maximum time that a client may take to send its body.
    pub time: Duration,
}

impl Default for BodyLimits {
    fn default() -> Self {
        let (bytes, total_bytes) = (64 * 1024, 16 * 1024 * 1024);
        Self { bytes, total_bytes, header_bytes: 16 * 1024, time: Duration::from_secs(5) }
    }
}

/// Why a body was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BodyError {
    /// More bytes than the limit.
    #[error("the body is too large")]
    TooLarge,
    /// All bodies together have more bytes than the limit.
    #[error("too many bodies are being received")]
    Busy,
    /// The client took longer than the limit.
    #[error("the body took too long")]
    TooSlow,
    /// The connection broke, or the transfer encoding is invalid.
    #[error("the connection closed before the body ended")]
    Broken,
}

/// The number of bytes of each body that do not count. Nearly every body from Twilio is smaller, so
/// slow or large bodies cannot use up the budget that these need.
const UNCOUNTED: usize = 4 * 1024;

/// The number of bytes that all bodies together may still use.
#[derive(Debug)]
pub(crate) struct BodyBudget(AtomicUsize);

impl BodyBudget {
    pub(crate) const fn new(bytes: usize) -> Self {
        Self(AtomicUsize::new(bytes))
    }

    fn take(&self, bytes: usize) -> bool {
        let less = |left: usize| left.checked_sub(bytes);
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_ok()
    }
}

/// The part of the budget that one body uses, until this is dropped.
#[derive(Debug, Default)]
pub(crate) struct Reserved {
    budget: Option<Arc<BodyBudget>>,
    bytes: usize,
}

impl Reserved {
    pub(crate) const fn of(budget: Option<Arc<BodyBudget>>) -> Self {
        Self { budget, bytes: 0 }
    }

    /// Reserves budget for a body of this length.
    fn grow_to(&mut self, length: usize) -> Result<(), BodyError> {
        let more = length.saturating_sub(UNCOUNTED).saturating_sub(self.bytes);
        match &self.budget {
            Some(budget) if more > 0 => {
                if !budget.take(more) {
                    return Err(BodyError::Busy);
                }
                self.bytes += more;
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        if let Some(budget) = self.budget.as_ref().filter(|_| self.bytes > 0) {
            budget.0.fetch_add(self.bytes, Ordering::Relaxed);
        }
    }
}

/// Reads a whole body. A body that has already arrived, as nearly all bodies from Twilio have,
/// needs no timer.
pub(crate) struct ReadBody {
    payload: Payload,
    limits: BodyLimits,
    read: Bytes,
    reserved: Reserved,
    is_begun: bool,
    deadline: Option<Pin<Box<Sleep>>>,
}

impl ReadBody {
    pub(crate) const fn new(payload: Payload, limits: BodyLimits, reserved: Reserved) -> Self {
        Self { payload, limits, read: Bytes::new(), reserved, is_begun: false, deadline: None }
    }

    /// The part of the budget that the body uses. It must live as long as the body.
    pub(crate) fn take_reserved(&mut self) -> Reserved {
        mem::take(&mut self.reserved)
    }

    fn append(&mut self, chunk: Bytes) -> Result<(), BodyError> {
        if self.read.len() + chunk.len() > self.limits.bytes {
            return Err(BodyError::TooLarge);
        }
        self.reserved.grow_to(self.read.len() + chunk.len())?;
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{BodyBudget, BodyError, Reserved, UNCOUNTED};

    #[test]
    fn large_bodies_share_a_budget_and_small_ones_need_none() {
        let budget = Arc::new(BodyBudget::new(1_000));
        let reserved = || Reserved::of(Some(Arc::clone(&budget)));
        let (mut first, mut second, mut small) = (reserved(), reserved(), reserved());
        assert_eq!(first.grow_to(UNCOUNTED + 400), Ok(()));
        assert_eq!(first.grow_to(UNCOUNTED + 600), Ok(()));
        assert_eq!(second.grow_to(UNCOUNTED + 401), Err(BodyError::Busy));
        assert_eq!(small.grow_to(UNCOUNTED), Ok(()));
        drop(first);
        assert_eq!(second.grow_to(UNCOUNTED + 1_000), Ok(()));
        assert_eq!(reserved().grow_to(UNCOUNTED + 1), Err(BodyError::Busy));
    }
}
