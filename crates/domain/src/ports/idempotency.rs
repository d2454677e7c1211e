//! The stored idempotency keys of requests to the API.

use async_trait::async_trait;

use super::{LeaseHolder, StoreError};
use crate::repeatable_request::RepeatableRequest;
use crate::sealing::Sealed;
use crate::time::Timestamp;

/// The answer to a request that was executed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptAnswer {
    /// Who executed the request. Part of the location that the answer is sealed for.
    pub holder: LeaseHolder,
    /// The answer; `None` if it was not kept.
    pub sealed: Option<Sealed>,
}

/// Whether a request is executed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum BegunRequest {
    /// It is the first one with its key: its holder executes it.
    First,
    /// The first one is not finished.
    Running,
    /// The key belongs to a request with another content.
    OtherContent,
    /// The first one was executed.
    Executed(KeptAnswer),
}

/// Stores which requests with an idempotency key were executed, and their answers. Laws: `switchboard_contract::idempotency`.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait IdempotencyStore: Send + Sync {
    /// Begins a request at an instant. Of several with the same API key and idempotency key at once, exactly one MUST be the
    /// first, even if their contents differ. A request that began before `kept_since` MUST count as one that never began. MUST
    /// return `Missing` if the API key does not exist.
    async fn begin(
        &self,
        request: &RepeatableRequest,
        holder: &LeaseHolder,
        at: Timestamp,
        kept_since: Timestamp,
    ) -> Result<BegunRequest, StoreError>;

    /// Records that a request of this holder was executed, with its answer; `None` keeps none. Does nothing if another holder
    /// has the key. Of the executed requests of the API key, MUST keep at most `most`, and forget those that began first.
    async fn finish(
        &self,
        request: &RepeatableRequest,
        holder: &LeaseHolder,
        answer: Option<Sealed>,
        most: u32,
    ) -> Result<(), StoreError>;

    /// Forgets a request of this holder that changed nothing, so that its key is free. Does nothing if another holder has the
    /// key, or the request was executed.
    async fn forget(
        &self,
        request: &RepeatableRequest,
        holder: &LeaseHolder,
    ) -> Result<(), StoreError>;

    /// Deletes the oldest of the requests that began before an instant, whether they are finished or not. MUST NOT delete more
    /// than `limit`. Returns how many were deleted.
    async fn delete_expired(&self, before: Timestamp, limit: u32) -> Result<u32, StoreError>;
}
