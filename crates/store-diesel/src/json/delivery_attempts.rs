//! The attempts of a delivery.

use serde::{Deserialize, Serialize};
use switchboard_domain::delivery::{Attempt, AttemptDetail, AttemptOutcome};
use switchboard_domain::ports::StoreError;
use switchboard_domain::time::Timestamp;

use super::shape::{JsonError, read, write};

/// The stored form of an attempt. The time is in microseconds since the Unix epoch.
#[derive(Serialize, Deserialize)]
struct AttemptJson {
    at: i64,
    ms: u32,
    outcome: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

/// Reads attempts, oldest first. One with an outcome of a newer release is left out, because a delivery must not be stuck
/// on it.
pub(crate) fn read_delivery_attempts(text: &str) -> Result<Vec<Attempt>, JsonError> {
    Ok(read::<Vec<AttemptJson>>(text)?.into_iter().filter_map(AttemptJson::read).collect())
}

/// Adds an attempt to stored ones. Unreadable ones are replaced, because a delivery must not be stuck on them.
pub(crate) fn add_delivery_attempt(text: &str, attempt: &Attempt) -> Result<String, StoreError> {
    let mut attempts = read::<Vec<AttemptJson>>(text).unwrap_or_default();
    attempts.push(AttemptJson {
        at: attempt.at.micros(),
        ms: attempt.milliseconds,
        outcome: attempt.outcome.as_str().to_owned(),
        code: attempt.code,
        detail: attempt.detail.as_ref().map(|detail| detail.as_str().to_owned()),
    });
    write("delivery.record", &attempts)
}

impl AttemptJson {
    fn read(self) -> Option<Attempt> {
        Some(Attempt {
            at: Timestamp::from_micros(self.at),
            milliseconds: self.ms,
            outcome: AttemptOutcome::parse(&self.outcome)?,
            code: self.code,
            detail: self.detail.as_deref().map(AttemptDetail::new),
        })
    }
}
