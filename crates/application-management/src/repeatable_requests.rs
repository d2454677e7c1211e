//! Executes a request with an idempotency key once, and answers repeated ones with the same answer.

use std::sync::Arc;

use switchboard_domain::causes::Causes;
use switchboard_domain::ports::{
    BegunRequest, Clock, IdempotencyStore, KeptAnswer, LeaseHolder, Randomness, StoreError,
};
use switchboard_domain::repeatable_request::{KEPT_SECONDS, RepeatableRequest};
use switchboard_domain::sealing::{
    AssociatedData, Keyring, OpenError, SealError, Sealed, SecretVersion,
};
use switchboard_domain::secret::Secret;

/// The maximum number of executed requests that are kept for an API key.
const MAX_ANSWERS: u32 = 1_000;

/// The maximum length of an answer that is kept, in bytes.
const MAX_ANSWER_BYTES: usize = 16 * 1024;

/// The location that answers are sealed for: the table and the column.
const LOCATION: (&str, &str) = ("idempotency_keys", "sealed_answer");

/// Why a request is not executed, and not answered again either.
#[derive(Debug, thiserror::Error)]
pub enum RepeatedRequestError {
    /// Another request has its idempotency key.
    #[error("the idempotency key was used for another request")]
    OtherRequest,
    /// The first request with its key runs, or it is not known what it changed.
    #[error("the first request with the idempotency key is not finished")]
    Running,
    /// The first request was executed, but its answer was not kept.
    #[error("the answer to the first request with the idempotency key was not kept")]
    NotKept,
    /// The first request was executed, but its answer cannot be decrypted.
    #[error("the answer to the first request with the idempotency key cannot be decrypted")]
    Unreadable(#[source] OpenError),
    /// The store failed.
    #[error("looking up the idempotency key failed")]
    Store(#[source] StoreError),
}

/// A request that this process executes.
#[derive(Clone, Debug)]
pub struct RunningRequest {
    request: RepeatableRequest,
    holder: LeaseHolder,
}

/// Whether a request is executed.
#[derive(Debug)]
pub enum Repetition {
    /// It is the first one with its key. Its end must be recorded.
    First(RunningRequest),
    /// It was executed, and this was the answer.
    Answered(Secret),
}

/// What became of a request.
#[derive(Debug)]
pub enum RequestEnd {
    /// It was executed, with this answer.
    Answered(Secret),
    /// It was executed, with an answer that cannot be kept.
    Unanswered,
    /// It changed nothing, so another request may have its key.
    Refused,
}

/// Executes requests with an idempotency key once. Their answers are kept for a day, and encrypted: they contain secrets.
#[derive(Clone)]
pub struct RepeatableRequests {
    /// Stores which requests were executed.
    pub store: Arc<dyn IdempotencyStore>,
    /// Encrypts the answers.
    pub keyring: Arc<Keyring>,
    /// Generates nonces, and the names of holders.
    pub randomness: Arc<dyn Randomness>,
    /// The time of requests.
    pub clock: Arc<dyn Clock>,
}

impl RepeatableRequests {
    /// A request that is about to begin, with a new holder.
    pub fn prepare(&self, request: RepeatableRequest) -> RunningRequest {
        RunningRequest { request, holder: LeaseHolder::random(self.randomness.as_ref()) }
    }

    /// Begins a request, or returns the answer of the first one with its key. If the store fails, the request may have begun:
    /// record that it is refused.
    pub async fn begin(&self, wanted: RunningRequest) -> Result<Repetition, RepeatedRequestError> {
        let at = self.clock.now();
        let kept_since = at.plus_seconds(-KEPT_SECONDS);
        let RunningRequest { request, holder } = &wanted;
        let begun = self.store.begin(request, holder, at, kept_since).await;
        match begun.map_err(RepeatedRequestError::Store)? {
            BegunRequest::First => Ok(Repetition::First(wanted)),
            BegunRequest::Running => Err(RepeatedRequestError::Running),
            BegunRequest::OtherContent => Err(RepeatedRequestError::OtherRequest),
            BegunRequest::Executed(KeptAnswer { holder, sealed }) => {
                let sealed = sealed.ok_or(RepeatedRequestError::NotKept)?;
                let row = row(&wanted.request, &holder);
                let opened = self.keyring.open(&place(&row), &sealed);
                opened.map(Repetition::Answered).map_err(RepeatedRequestError::Unreadable)
            }
        }
    }

    /// Records the end of a request. Recording it again has the same result.
    pub async fn settle(&self, ran: &RunningRequest, end: &RequestEnd) -> Result<(), StoreError> {
        let RunningRequest { request, holder } = ran;
        let sealed = match end {
            RequestEnd::Refused => return self.store.forget(request, holder).await,
            RequestEnd::Unanswered => None,
            RequestEnd::Answered(answer) if answer.expose().len() > MAX_ANSWER_BYTES => None,
            RequestEnd::Answered(answer) => {
                let failed = |error: &SealError| {
                    tracing::error!(error = %Causes(error), "the answer to a request cannot be encrypted, and is not kept");
                };
                self.seal(ran, answer).inspect_err(failed).ok()
            }
        };
        self.store.finish(request, holder, sealed, MAX_ANSWERS).await
    }

    fn seal(&self, ran: &RunningRequest, answer: &Secret) -> Result<Sealed, SealError> {
        let row = row(&ran.request, &ran.holder);
        let mut nonce = [0; 12];
        self.randomness.fill(&mut nonce);
        self.keyring.seal(&place(&row), SecretVersion::FIRST, answer, nonce)
    }
}

fn place(row: &str) -> AssociatedData<'_> {
    let (table, column) = LOCATION;
    AssociatedData { table, column, key: row }
}

/// The row of an answer. The holder is part of it, so the answer to an earlier request with the same key does not open in its
/// place, and neither does one to a request with another content.
fn row(request: &RepeatableRequest, holder: &LeaseHolder) -> String {
    let hex = |bytes: &[u8; 32]| {
        bytes.iter().fold(String::with_capacity(64), |digits, byte| format!("{digits}{byte:02x}"))
    };
    let (key, content) = (hex(request.key.as_bytes()), hex(request.content.as_bytes()));
    format!("{}/{key}/{content}/{}", request.api_key, holder.as_str())
}

#[cfg(test)]
mod tests;
