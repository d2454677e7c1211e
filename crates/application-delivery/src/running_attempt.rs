//! An attempt while it runs: its times, its log line and its metric.

use switchboard_domain::delivery::{
    Attempt, AttemptDetail, AttemptOutcome, AttemptResult, Delivery, Next,
};
use switchboard_domain::time::Timestamp;
use tokio::time::Instant;

/// An attempt that is running.
pub(crate) struct RunningAttempt {
    pub(crate) at: Timestamp,
    pub(crate) begun: Instant,
}

impl RunningAttempt {
    pub(crate) fn finish(
        &self,
        outcome: AttemptOutcome,
        code: Option<u32>,
        detail: Option<AttemptDetail>,
    ) -> Attempt {
        let milliseconds = u32::try_from(self.begun.elapsed().as_millis()).unwrap_or(u32::MAX);
        Attempt { at: self.at, milliseconds, outcome, code, detail }
    }
}

/// Logs a failed attempt once, with its cause.
pub(crate) fn log_failure(attempt: &Attempt, next: Next, error: Option<&str>) {
    let detail = attempt.detail.as_ref().map(tracing::field::display);
    let (outcome, code) = (attempt.outcome.as_str(), attempt.code);
    match next {
        Next::Dead => tracing::warn!(outcome, code, detail, error, "delivery failed permanently"),
        Next::Retry(after) => {
            let retry_seconds = after.as_secs();
            if error.is_some() {
                tracing::warn!(outcome, code, detail, error, retry_seconds, "delivery failed");
            } else {
                tracing::info!(outcome, code, detail, retry_seconds, "delivery failed");
            }
        }
        Next::Canceled => tracing::info!(outcome, code, detail, error, "delivery canceled"),
        Next::Delivered => {}
    }
}

pub(crate) fn count(delivery: &Delivery, result: &AttemptResult) {
    let kind = delivery.item.kind();
    let outcome = result.attempt.outcome.as_str();
    metrics::counter!("switchboard_delivery_attempts_total", "kind" => kind, "outcome" => outcome)
        .increment(1);
}
